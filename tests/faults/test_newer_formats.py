"""Files of a format to come: one message that names both versions and says what to do."""

import pytest

from nlptrain import __version__
from nlptrain.errors import RunFolderError
from nlptrain.files.array_file import load_arrays, save_arrays
from nlptrain.files.storage import read_json, write_json


def raise_version(path, version):
    if path.suffix == ".json":
        write_json(path, read_json(path) | {"format_version": version})
    else:
        arrays, metadata = load_arrays(path)
        save_arrays(path, arrays, metadata | {"format_version": version})


def refusal(path, kind, version):
    return (
        f"{path}: {kind} format {version!r}; nlptrain {__version__} reads format 1; "
        "use the version that wrote the file, or a newer one\n"
    )


CASES = {
    "model, predict": ("model.safetensors", "model", ("predict", "abcd", "--run", "rnn-001")),
    "model, evaluate": ("model.safetensors", "model", ("evaluate", "rnn-001")),
    "model, explain": ("model.safetensors", "model", ("explain", "abcd", "--run", "rnn-001")),
    "checkpoint, resume": ("checkpoint.safetensors", "checkpoint", ("resume", "rnn-001")),
    "run.json, resume": ("run.json", "run record", ("resume", "rnn-001")),
    "run.json, evaluate": ("run.json", "run record", ("evaluate", "rnn-001")),
    "run.json, show": ("run.json", "run record", ("runs", "show", "rnn-001")),
}


@pytest.mark.parametrize("version", [2, "1"])
@pytest.mark.parametrize("case", CASES)
def test_newer_file_is_refused_by_its_version(cli, runs, case, version):
    name, kind, command = CASES[case]
    raise_version(runs / "rnn-001" / name, version)
    code, out, err = cli(*command)
    assert (code, out) == (1, "")
    assert err.endswith(refusal(f"runs/rnn-001/{name}", kind, version))
    assert "Traceback" not in err


def test_run_of_a_newer_format_is_passed_over_in_the_list(cli, runs):
    raise_version(runs / "rnn-001" / "run.json", 2)
    code, out, err = cli("runs")
    assert (code, "rnn-001" in out) == (0, False)
    assert err.startswith("skipped: " + refusal("runs/rnn-001/run.json", "run record", 2))


def test_newer_checkpoint_of_an_interrupted_run_is_left_as_it_is(cli, runs):
    path = runs / "rnn-001" / "checkpoint.safetensors"
    raise_version(path, 2)
    record = runs / "rnn-001" / "run.json"
    write_json(record, read_json(record) | {"status": "interrupted"})
    before = path.read_bytes(), record.read_bytes()
    assert cli("resume", "rnn-001").code == 1
    assert (path.read_bytes(), record.read_bytes()) == before


def test_comparison_of_a_newer_format_is_refused(make_comparison):
    _, folder = make_comparison()
    path = folder / "protocol.json"
    assert read_json(path)["format_version"] == 1
    raise_version(path, 2)
    with pytest.raises(RunFolderError) as caught:
        make_comparison()
    assert str(caught.value) == refusal(path, "comparison", 2).rstrip()
