import http.client
import json
import re
from concurrent.futures import ThreadPoolExecutor

import jsonschema
import pytest
from prometheus_client.parser import text_string_to_metric_families

from nlptrain.export.html import render_page
from nlptrain.inference.model import load
from nlptrain.reporting.card.facts import collect_card
from nlptrain.runs.folder import RunFolder
from running_server import read_answer

STRINGS = ["abcd", "", "j", "bcde" * 20, "x?é", "a\nb", "\ud800", "\0", "abcd", "ab", "cd", "🎓"]


@pytest.fixture(scope="module")
def printed(served_runs, finished_run):
    """Predict each string by itself, as the command does."""
    model = load(served_runs / "rnn-001")
    return {text: model.predict([text])[0].to_json() for text in STRINGS}


def test_prediction_is_what_the_command_prints(server, cli, served_runs):
    texts = ["abcd", "bcde", "x?"]
    lines = cli("predict", *texts, "--json", "--run", served_runs / "rnn-001").out.splitlines()
    status, answer = server.post("/predict", {"texts": texts})
    assert status == 200
    assert answer["predictions"] == [json.loads(line) for line in lines]
    assert (answer["model"], answer["unknown_characters"], answer["cut_strings"]) == (
        "rnn-001",
        2,
        0,
    )


def test_concurrent_requests_get_the_digits_of_each_alone(server, printed):
    texts = STRINGS * 20
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda text: server.post("/predict", {"text": text}), texts))
    for text, (status, answer) in zip(texts, answers, strict=True):
        assert (status, answer["predictions"]) == (200, [printed[text]])


def test_client_that_asks_first_may_send_its_body(server, printed):
    body = json.dumps({"text": "abcd"}).encode()
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n"
    head += b"content-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(body)
    with server.connect(head) as connection:
        assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
        connection.sendall(body)
        assert read_answer(connection)[1]["predictions"] == [printed["abcd"]]


def test_requests_sent_at_one_go_are_answered_in_order(server, printed):
    texts = ["abcd", "bcde" * 20, "ab"]
    bodies = [json.dumps({"text": text}).encode() for text in texts]
    head = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    sent = b"".join(head + b"content-length: %d\r\n\r\n" % len(body) + body for body in bodies)
    with server.connect(sent) as connection, connection.makefile("rb") as stream:
        for text in texts:
            assert stream.readline().startswith(b"HTTP/1.1 200")
            length = int(http.client.parse_headers(stream)["content-length"])
            assert json.loads(stream.read(length))["predictions"] == [printed[text]]


def test_top_keeps_the_likeliest(server):
    _, answer = server.post("/predict", {"text": "abcd", "top": 1})
    (prediction,) = answer["predictions"]
    likeliest = max(prediction["probabilities"].values())
    assert list(prediction["probabilities"].values()) == [likeliest]
    _, answer = server.post("/predict", {"text": "abcd", "top": 99})
    values = list(answer["predictions"][0]["probabilities"].values())
    assert values == sorted(values, reverse=True)
    assert len(values) == 2


def test_explanation_is_what_the_command_prints(server, cli, served_runs):
    line = cli("explain", "abcd", "--json", "--run", served_runs / "rnn-001").out
    status, answer = server.post("/explain", {"text": "abcd", "model": "other"})
    assert (status, answer.pop("model")) == (200, "other")
    assert answer == json.loads(line)


def test_models_are_named(server):
    names = ["rnn-001", "other", "alone"]
    assert server.get("/models") == (200, {"default": "rnn-001", "models": names})
    assert server.post("/predict", {"text": "a", "model": "alone"})[1]["model"] == "alone"
    assert server.get("/healthz") == (200, {"status": "ok"})
    status, _, body = server.ask("HEAD", "/healthz")
    assert (status, body) == (200, b"")


def test_card_is_json_or_markdown(server, cli, served_runs):
    facts = json.loads(json.dumps(collect_card(RunFolder(served_runs / "other"))))
    assert server.get("/model?model=other") == (200, facts)
    card = cli("runs", "show", served_runs / "other", "--card").out
    for path, accept in (("/model", "text/markdown"), ("/model/card", "*/*")):
        query = f"{path}?model=other"
        status, headers, page = server.ask("GET", query, headers={"accept": accept})
        assert (status, headers.get_content_type()) == (200, "text/markdown")
        assert page.decode() == card


def test_description_has_every_path_and_its_bounds(server):
    status, api = server.get("/openapi.json")
    paths = {"/predict", "/explain", "/models", "/model", "/model/card", "/healthz"}
    assert (status, set(api["paths"])) == (200, paths)
    schemas = api["components"]["schemas"]
    check = {"$ref": "#/components/schemas/PredictRequest", "components": api["components"]}
    for good in ({"text": "a"}, {"texts": ["a", "b"], "top": 1, "model": "other"}):
        jsonschema.validate(good, check)
    bad = ({"texts": []}, {"texts": ["a"] * 1001}, {"text": 1}, {"text": "a" * 10_001}, {"x": 1})
    for body in bad:
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(body, check)
        assert server.post("/predict", body)[0] in (413, 422)
    _, answer = server.post("/predict", {"text": "abcd"})
    jsonschema.validate(
        answer, {"$ref": "#/components/schemas/PredictAnswer", "components": {"schemas": schemas}}
    )
    _, refused = server.post("/predict", {})
    jsonschema.validate(
        refused, {"$ref": "#/components/schemas/Failure", "components": {"schemas": schemas}}
    )


@pytest.mark.parametrize("path", ["/", "/docs", "/network", "/network?model=alone"])
def test_pages_load_nothing_from_elsewhere(server, path):
    status, headers, page = server.ask("GET", path)
    assert (status, headers.get_content_type()) == (200, "text/html")
    assert "default-src 'none'" in headers["content-security-policy"]
    assert re.findall(rb"(?:src|href)=\"?(?:https?:)?//", page) == []


def test_example_asks_this_server(server):
    _, _, page = server.ask("GET", "/docs")
    assert f"<pre>curl http://127.0.0.1:{server.port}/predict -H".encode() in page
    _, _, page = server.ask("GET", "/docs", headers={"host": "a<b>"})
    assert b"<b>" not in page


def test_network_is_the_page_that_the_command_exports(server, served_runs):
    _, _, page = server.ask("GET", "/network?model=other")
    assert page.decode() == render_page(load(served_runs / "other"))


def test_two_networks_stand_side_by_side(server, served_runs):
    _, _, page = server.ask("GET", "/network?model=rnn-001&beside=other")
    assert page.decode() == render_page(load(served_runs / "rnn-001"), load(served_runs / "other"))


def test_network_beside_one_that_is_not_served_is_refused(server):
    status, answer = server.get("/network?beside=nothing")
    assert (status, answer["error"]["where"]) == (404, "beside")


def test_metrics_count_requests_and_strings(server):
    def read():
        text = server.ask("GET", "/metrics")[2].decode()
        return {
            (sample.name, *sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    before = read()
    server.post("/predict", {"texts": ["a", "b", "c"], "model": "other"})
    server.get("/nowhere")
    after = read()
    grown = {
        name: after[name] - before.get(name, 0)
        for name in (
            ("nlptrain_requests_total", "/predict", "200"),
            ("nlptrain_requests_total", "other", "404"),
            ("nlptrain_strings_total", "other"),
            ("nlptrain_gathered_requests_count",),
            ("nlptrain_request_seconds_count", "/predict"),
        )
    }
    assert list(grown.values()) == [1, 1, 3, 1, 1]
    assert after[("nlptrain_active_requests",)] == 1
