"""Other files of a run that are missing or garbage: later commands do not trip over them."""

import pytest

from nlptrain.files.storage import read_json, write_json

GARBAGE = [b"", b"{", b"[]", b"\xff\xfe", b'{"name": 1}', b'{"status": "finished"}']


@pytest.fixture
def second(runs):
    """Give a second, damaged run beside the good one."""
    folder = runs / "rnn-002"
    folder.mkdir()
    for name in ("config.yaml", "run.json", "model.safetensors", "report.json"):
        (folder / name).write_bytes((runs / "rnn-001" / name).read_bytes())
    return folder


@pytest.mark.parametrize("content", GARBAGE)
def test_garbage_record_is_passed_over(cli, second, content):
    (second / "run.json").write_bytes(content)
    code, out, err = cli("runs")
    assert code == 0
    assert "rnn-001" in out
    assert "rnn-002" not in out
    assert err.startswith("skipped: runs/rnn-002/run.json: ")
    assert cli("predict", "abcd").err == "run: runs/rnn-001\n"


@pytest.mark.parametrize("content", GARBAGE)
@pytest.mark.parametrize("command", [("runs", "show"), ("resume",), ("evaluate",)], ids=" ".join)
def test_garbage_record_of_the_run_itself_is_one_message(cli, second, command, content):
    (second / "run.json").write_bytes(content)
    code, out, err = cli(*command, "rnn-002")
    assert (code, out) == (1, "")
    assert err.startswith("runs/rnn-002/run.json: ")
    assert err.count("\n") == 1


def test_folder_without_a_record_is_passed_over(cli, second):
    (second / "run.json").unlink()
    assert "rnn-002" not in cli("runs").out
    code, _, err = cli("predict", "abcd", "--run", "rnn-002")
    assert (code, err) == (
        1,
        "runs/rnn-002: not a run, as it has no run.json; to list the runs: nlptrain runs\n",
    )


def test_folder_without_a_record_gives_its_number_to_no_other_run(cli, second, runs, tiny):
    (second / "run.json").unlink()
    assert cli("train", "rnn", *tiny, "--quiet").code == 0
    assert (runs / "rnn-003" / "run.json").is_file()


def test_prediction_needs_neither_record_nor_config(cli, second):
    (second / "run.json").write_bytes(b"{")
    (second / "config.yaml").unlink()
    assert cli("predict", "abcd", "--run", "rnn-002").code == 0


@pytest.mark.parametrize("content", [b"", b"{", b"- 1", b"\xff", b"seeds: 1\n"])
@pytest.mark.parametrize("command", ["resume", "evaluate"])
def test_garbage_config_is_one_message(cli, second, command, content):
    (second / "config.yaml").write_bytes(content)
    write_json(second / "run.json", read_json(second / "run.json") | {"status": "interrupted"})
    code, out, err = cli(command, "rnn-002")
    assert (code, out) == (1, "")
    assert err.startswith("runs/rnn-002/config.yaml")
    assert read_json(second / "run.json")["status"] == "interrupted"


def test_garbage_config_is_shown_as_it_is(cli, second):
    (second / "config.yaml").write_bytes(b"\xff")
    assert cli("runs", "show", "rnn-002").out.endswith("\\xff\n")


@pytest.mark.parametrize("content", GARBAGE)
def test_garbage_report_is_named_or_left_out(cli, second, content):
    (second / "report.json").write_bytes(content)
    assert cli("runs").code == 0
    assert cli("runs", "show", "rnn-002").code == 0
    assert cli("runs", "show", "rnn-002", "--json").code == 0


@pytest.mark.parametrize("content", [b"", b"{", b"\xff" * 50])
def test_garbage_checkpoint_is_one_message(cli, runs, content):
    folder = runs / "rnn-001"
    (folder / "checkpoint.safetensors").write_bytes(content)
    write_json(folder / "run.json", read_json(folder / "run.json") | {"status": "interrupted"})
    code, out, err = cli("resume", "rnn-001")
    assert (code, out) == (1, "")
    assert err.startswith("runs/rnn-001/checkpoint.safetensors: ")
    assert read_json(folder / "run.json")["status"] == "interrupted"
