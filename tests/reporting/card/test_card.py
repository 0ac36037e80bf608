import json
import shutil
from pathlib import Path

import pytest
import yaml
from huggingface_hub import ModelCard
from scipy.stats import binomtest

import nlptrain
from nlptrain.config.load import load_config
from nlptrain.evaluation.data_report import report_data
from nlptrain.files.storage import read_json
from nlptrain.reporting.card.facts import collect_card
from nlptrain.reporting.card.page import escape_markdown, render_card
from nlptrain.runs.folder import RunFolder

RELEASE = Path(__file__).parents[2] / "fixtures" / "release_0_1" / "runs"
LABELS = ("a|b", "<b>`x`</b>", "--- \u202e")
QUICK = ("training.steps=4", "training.batch_size=20", "logging.tensorboard=false")


@pytest.fixture(scope="module")
def own_run(tmp_path_factory):
    """Train on a file whose labels are markup."""
    folder = tmp_path_factory.mktemp("own")
    rows = [
        {"text": letter * 3 + str(number), "label": label}
        for letter, label in zip("abc", LABELS, strict=True)
        for number in range(20)
    ]
    path = folder / "secret folder" / "names.jsonl"
    path.parent.mkdir()
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    # The config means another column of labels, so that a note names the file's path.
    file = f"data.file.path={path}"
    overrides = [file, "model.encoder={type: pooling}", *QUICK]
    return nlptrain.train("own_file", overrides=overrides, runs_dir=folder).folder


def read_head(page):
    """Read a card's metadata, and the page below it."""
    start, head, body = page.split("---\n", 2)
    assert start == ""
    return yaml.safe_load(head), body


def test_card_is_written_at_the_end_of_training(finished_run, cli):
    page = (finished_run / "card.md").read_text()
    assert cli("runs", "show", finished_run, "--card").out == page
    (folder := RunFolder(finished_run)).read_record()
    assert render_card(collect_card(folder)) == page


def test_card_of_a_run_that_has_none(cli, finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "rnn-001")
    (tmp_path / "rnn-001" / "card.md").unlink()
    result = cli("runs", "show", tmp_path / "rnn-001", "--card")
    assert (result.code, result.out) == (0, (finished_run / "card.md").read_text())


@pytest.mark.parametrize("run", ["task-001", "file-001", "task-002"])
def test_card_of_a_run_of_the_first_release(cli, tmp_path, run):
    shutil.copytree(RELEASE / run, tmp_path / run)
    code, page, _ = cli("runs", "show", tmp_path / run, "--card")
    head, body = read_head(page)
    assert code == 0
    assert ("model-index" in head) == (run != "task-002")
    assert ("The run is not finished" in body) == (run == "task-002")
    assert "By length" not in body


def test_hub_reads_the_metadata(own_run):
    card = ModelCard(own_run.card_path.read_text(), ignore_metadata_errors=False)
    scores = {result.metric_type: result.metric_value for result in card.data.eval_results}
    report = read_json(own_run.report_path)
    assert scores == {"accuracy": report["accuracy"], "f1": report["macro_f1"]}
    assert card.data.model_name == own_run.path.name
    said = card.data.to_dict()
    assert (said["library_name"], said["pipeline_tag"]) == ("nlptrain", "text-classification")
    assert "language" not in said


def test_numbers_are_those_of_the_report(own_run):
    card, report = collect_card(own_run), read_json(own_run.report_path)
    exact = binomtest(round(report["accuracy"] * report["examples"]), report["examples"])
    interval = exact.proportion_ci(method="wilson")
    scores = card["scores"]
    found = (scores["accuracy_low"], scores["accuracy_high"])
    assert found == pytest.approx((interval.low, interval.high))
    for row, reported in zip(card["classes"], report["classes"], strict=True):
        right = binomtest(round(row["recall"] * row["support"]), row["support"])
        interval = right.proportion_ci(method="wilson")
        assert (row["recall_low"], row["recall_high"]) == pytest.approx(
            (interval.low, interval.high)
        )
        assert {key: row[key] for key in reported} == reported
    assert card["linear_model"] == report["linear_model"]


def test_leaks_are_those_of_the_data_report(own_run, tmp_path):
    config = load_config(own_run.config_path).config
    file = f"data.file={{path: {config.data.file.path}, text: text, label: label}}"
    overrides = [file, "model.encoder={type: pooling}", "training.refit=false", *QUICK]
    run = nlptrain.train("own_file", overrides=overrides, runs_dir=tmp_path).folder
    expected = report_data(load_config(run.config_path).config).shallow[:-1]
    assert read_json(run.report_path)["shallow"] == [each.to_json() for each in expected]
    page = run.card_path.read_text()
    for each in expected:
        line = f"| {each.features} | {each.accuracy:.4f} | {each.low:.4f} to {each.high:.4f} | "
        assert f"{line}{'yes' if each.beats_chance else 'no'} |" in page
    assert expected[0].chance == pytest.approx(1 / 3)
    assert {each.features for each in expected if each.beats_chance} >= {"letter set", "bigrams"}


def test_scores_by_length_have_their_intervals(own_run):
    report, page = read_json(own_run.report_path), own_run.card_path.read_text()
    right = round(report["accuracy"] * report["examples"])
    assert sum(round(row["accuracy"] * row["examples"]) for row in report["by_length"]) == right
    for row in report["by_length"]:
        exact = binomtest(round(row["accuracy"] * row["examples"]), row["examples"])
        low, high = exact.proportion_ci(method="wilson")
        line = f"| {row['shortest']} | {row['examples']} | {row['accuracy']:.4f} | "
        assert f"{line}{low:.4f} to {high:.4f} | yes |" in page


def test_parameters_are_those_of_torch(finished_run):
    from nlptrain.files.model_file import ModelFile
    from nlptrain.torch_nn.classifier import Classifier

    network = Classifier(ModelFile.load(finished_run / "model.safetensors").architecture)
    expected = sum(parameter.numel() for parameter in network.parameters())
    assert collect_card(RunFolder(finished_run))["network"]["parameters"] == expected


def test_card_tells_no_folder_and_hides_no_markup(own_run):
    page = own_run.card_path.read_text()
    assert "secret" in own_run.report_path.read_text()
    assert "secret" not in page
    assert "secret" not in json.dumps(collect_card(own_run))
    assert "names.jsonl" in read_head(page)[0]["model-index"][0]["results"][0]["dataset"]["name"]
    assert "<b>" not in page
    assert "\u202e" not in page
    rows = [line for line in page.splitlines() if line.startswith("| a\\|b |")]
    assert len(rows) == 1


def test_markup_is_escaped():
    assert escape_markdown("a|b<c>\n*d* a_b _c_") == r"a\|b&lt;c>\\n\*d\* a_b \_c\_"
    assert [escape_markdown(value) for value in (None, True, 0, 1)] == ["none", "yes", "0", "1"]


def test_damaged_report_is_a_clear_error(cli, finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "rnn-001")
    path = tmp_path / "rnn-001" / "report.json"
    path.write_text('{"accuracy": "high", "examples": 3}')
    code, _, said = cli("runs", "show", tmp_path / "rnn-001", "--card")
    assert code == 1
    assert "report.json: damaged: " in said


def test_card_and_json_at_once_are_refused(cli, finished_run):
    assert cli("runs", "show", finished_run, "--card", "--json").code == 2
