"""Every row of the table in docs/serve.md: what is refused, with which status, in which shape."""

import time
from contextlib import ExitStack

import pytest

from running_server import read_answer, serving

LATE = 0.3
"""Seconds that the impatient server waits for a request."""
HEAD = b"POST /predict HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"

BAD = {
    "no JSON": ("/predict", '{"text": "a"', 400, "body, character 12"),
    "nested too deep": ("/predict", "[" * 100_000, 400, "body"),
    "no UTF-8": ("/predict", b'{"text": "\xff"}', 400, "body"),
    "a number too long": ("/predict", '{"top": ' + "9" * 5000 + "}", 400, "body"),
    "no object": ("/predict", "[]", 422, "body"),
    "nothing": ("/predict", "", 422, "body"),
    "no strings": ("/predict", "{}", 422, "body"),
    "an empty list": ("/predict", {"texts": []}, 422, "texts"),
    "both keys": ("/predict", {"text": "a", "texts": ["a"]}, 422, "body"),
    "a repeated key": ("/predict", '{"text": "a", "top": 1, "text": "b"}', 422, "text"),
    "a repeated key inside": ("/explain", '{"text": [{"a": 1, "a": 2}]}', 422, "a"),
    "an unknown key": ("/predict", {"text": "a", "tpo": 1}, 422, "tpo"),
    "a long unknown key": (
        "/predict",
        {"text": "a", "k" * 9999: 1},
        422,
        "k" * 120 + "… (9,999 characters)",
    ),
    "a number for a string": ("/predict", {"texts": ["a", 3]}, 422, "texts[1]"),
    "NaN": ("/predict", '{"text": NaN}', 422, "text"),
    "a string for a number": ("/predict", {"text": "a", "top": "1"}, 422, "top"),
    "true for a number": ("/predict", {"text": "a", "top": True}, 422, "top"),
    "no class at all": ("/predict", {"text": "a", "top": 0}, 422, "top"),
    "no string to explain": ("/explain", {}, 422, "text"),
    "a file for a model": ("/predict", {"text": "a", "model": "../rnn-001"}, 404, "model"),
    "too many strings": ("/predict", {"texts": ["a"] * 1001}, 413, "texts"),
    "a long string": ("/predict", {"texts": ["a", "a" * 10_001]}, 413, "texts[1]"),
    "a long string to explain": ("/explain", {"text": "a" * 501}, 413, "text"),
    "a large body": ("/predict", {"text": "a" * (1 << 20)}, 413, "body"),
    "a huge body": ("/predict", {"text": "a" * (8 << 20)}, 413, "body"),
    "an unknown path": ("/../../etc/passwd", "{}", 404, "path"),
    "a wrong method": ("/models", "{}", 405, "method"),
    "a slash too many": ("/predict/", "{}", 404, "path"),
}


def check_shape(answer):
    assert list(answer) == ["error"]
    assert list(answer["error"]) == ["what", "where", "found", "allowed"]
    assert all(isinstance(value, str) and value for value in answer["error"].values())


@pytest.mark.parametrize("name", BAD)
def test_bad_request_is_refused_in_one_shape(server, name):
    path, body, status, where = BAD[name]
    found, answer = server.post(path, body)
    check_shape(answer)
    assert (found, answer["error"]["where"]) == (status, where)
    assert len(str(answer)) < 700
    assert server.get("/healthz")[0] == 200


def test_large_body_in_chunks_is_refused(server):
    chunks = (b"a" * (1 << 16) for _ in range(40))
    found, answer = server.post("/predict", chunks)
    check_shape(answer)
    assert (found, answer["error"]["where"]) == (413, "body")


@pytest.mark.parametrize("content_type", ["text/plain", "text/json", "application/jsonx", ""])
def test_what_is_not_called_json_is_refused(server, content_type):
    found, answer = server.post("/predict", {"text": "a"}, {"content-type": content_type})
    check_shape(answer)
    assert (found, answer["error"]["where"]) == (415, "content-type")


@pytest.mark.parametrize("content_type", ["Application/JSON; charset=utf-8", "application/a+json"])
def test_what_is_called_json_is_read(server, content_type):
    assert server.post("/predict", {"text": "a"}, {"content-type": content_type})[0] == 200


def test_card_of_a_model_file_alone_is_refused(server):
    found, answer = server.get("/model?model=alone")
    check_shape(answer)
    assert found == 404


@pytest.mark.parametrize(
    "sent",
    [
        b"GARBAGE\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # the begin of a TLS connection
        b"GET / HTTP/1.1\r\n\r\n",  # no host
        HEAD + b"content-length: -1\r\n\r\n",
        HEAD + b"content-length: 2\r\ncontent-length: 3\r\n\r\n",
        HEAD + b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nfill: " + b"a" * (1 << 20) + b"\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused(server, sent):
    with server.connect(sent) as connection:
        status, answer = read_answer(connection)
    check_shape(answer)
    assert (status, answer["error"]["where"]) == (400, "HTTP")


@pytest.fixture(scope="module")
def impatient(served_runs):
    """Run a server with small bounds."""
    bounds = {"reading_seconds": LATE, "seconds": 1e-6, "requests": 2, "connections": 4}
    with serving(served_runs, "rnn-001", **bounds) as running:
        yield running


def wait_until_idle(server):
    while server.get("/healthz")[0] != 200:
        time.sleep(0.05)


@pytest.mark.parametrize("begin", [b"", b"POST /pre", HEAD])
def test_slow_head_is_refused_in_time(impatient, begin):
    began = time.monotonic()
    with impatient.connect(begin) as connection:
        status, answer = read_answer(connection)
    check_shape(answer)
    assert (status, answer["error"]["where"]) == (408, "HTTP")
    assert time.monotonic() - began > LATE / 2


def test_head_that_comes_byte_by_byte_is_refused_in_time(impatient):
    with impatient.connect() as connection:
        for byte in HEAD[:40]:
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                break
            time.sleep(LATE / 20)
        assert connection.recv(4096).startswith(b"HTTP/1.1 408")


def test_slow_head_after_a_good_request_is_refused(impatient):
    with impatient.connect(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\nGET /hea") as connection:
        assert read_answer(connection)[0] == 200
        assert connection.recv(4096).startswith(b"HTTP/1.1 408")


def test_slow_body_is_refused_in_time(impatient):
    with impatient.connect(HEAD + b"content-length: 9\r\n\r\n{") as connection:
        status, answer = read_answer(connection)
    check_shape(answer)
    assert (status, answer["error"]["where"]) == (408, "body")


def test_work_that_takes_too_long_is_refused(impatient):
    status, answer = impatient.post("/explain", {"text": "abcde" * 100})
    check_shape(answer)
    assert (status, answer["error"]["what"]) == (503, "too much work")


def test_more_requests_at_once_are_refused(impatient):
    with ExitStack() as open_ones:
        for _ in range(2):
            open_ones.enter_context(impatient.connect(HEAD + b"content-length: 9\r\n\r\n{"))
        time.sleep(LATE / 3)
        status, headers, _ = impatient.ask("GET", "/healthz")
        assert (status, headers["retry-after"]) == (503, "1")
    wait_until_idle(impatient)


def test_more_connections_are_refused(impatient):
    with ExitStack() as open_ones:
        for _ in range(4):
            open_ones.enter_context(impatient.connect())
        time.sleep(LATE / 3)
        with impatient.connect() as connection:
            status, answer = read_answer(connection)
        check_shape(answer)
        assert (status, answer["error"]["what"]) == (503, "too many connections")


def test_client_that_leaves_harms_nobody(impatient):
    for _ in range(5):
        with impatient.connect(HEAD + b"content-length: 14\r\n\r\n{"):
            pass
    wait_until_idle(impatient)
