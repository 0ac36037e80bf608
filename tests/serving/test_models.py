import json
import shutil
import time

import pytest

from nlptrain.errors import RunFolderError
from nlptrain.serving.models import ServedModels
from running_server import serving


def finish_later(folder, ended):
    """Let a run have ended at another time."""
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**record, "ended": ended}))


@pytest.fixture
def runs_dir(finished_run, tmp_path):
    shutil.copytree(finished_run, tmp_path / "rnn-001")
    return tmp_path


def test_newest_finished_run_is_the_default(runs_dir):
    shutil.copytree(runs_dir / "rnn-001", runs_dir / "rnn-002")
    finish_later(runs_dir / "rnn-002", "2990-01-01T00:00:00+00:00")
    assert [served.name for served in ServedModels([], runs_dir).all] == ["rnn-002"]


def test_newer_run_is_taken_up(runs_dir):
    models, told = ServedModels([], runs_dir), []
    models.refresh(told.append)
    assert told == []
    shutil.copytree(runs_dir / "rnn-001", runs_dir / "rnn-002")
    finish_later(runs_dir / "rnn-002", "2990-01-01T00:00:00+00:00")
    models.refresh(told.append)
    assert models.get(None).name == "rnn-002"
    assert len(told) == 1


def test_model_file_that_changed_is_read_anew(runs_dir):
    models = ServedModels(["rnn-001"], runs_dir)
    before = models.get("rnn-001").model
    models.refresh(print)
    assert models.get("rnn-001").model is before
    path = runs_dir / "rnn-001" / "model.safetensors"
    path.write_bytes(path.read_bytes())
    models.refresh(print)
    assert models.get("rnn-001").model is not before


def test_damaged_file_leaves_what_was_served(runs_dir):
    models, told = ServedModels(["rnn-001"], runs_dir), []
    before = models.get(None)
    (runs_dir / "rnn-001" / "model.safetensors").write_bytes(b"damaged")
    models.refresh(told.append)
    assert models.get(None) is before
    assert told[0].startswith("still serving rnn-001: ")


def test_one_name_for_two_models_is_refused(runs_dir, finished_run):
    shutil.copytree(finished_run, runs_dir / "elsewhere" / "rnn-001")
    with pytest.raises(RunFolderError, match="called 'rnn-001' already"):
        ServedModels(["rnn-001", str(runs_dir / "elsewhere" / "rnn-001")], runs_dir)


def test_running_server_takes_up_a_newer_run(runs_dir):
    with serving(runs_dir) as server:
        assert server.get("/models")[1]["default"] == "rnn-001"
        shutil.copytree(runs_dir / "rnn-001", runs_dir / "rnn-002")
        finish_later(runs_dir / "rnn-002", "2990-01-01T00:00:00+00:00")
        until = time.monotonic() + 20
        while server.get("/models")[1]["default"] != "rnn-002" and time.monotonic() < until:
            time.sleep(0.05)
        assert server.post("/predict", {"text": "a"})[1]["model"] == "rnn-002"
        assert server.post("/predict", {"text": "a", "model": "rnn-001"})[0] == 404
