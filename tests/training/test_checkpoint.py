import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from nlptrain.config.optimizer import AdamSection, SgdSection
from nlptrain.errors import RunFolderError
from nlptrain.files.array_file import load_arrays, save_arrays
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.training.checkpoint import Checkpoint, optimizer_settings
from nlptrain.training.plan import Progress

CHECKPOINT = Checkpoint(
    state={"a": np.arange(6.0).reshape(2, 3), "optimizer.step.a": np.array(3, np.float32)},
    progress=Progress(7, 5, [0.75, -0.3], 5, 1, 12.5, 30, 64),
    metrics_offset=123,
    architecture=Architecture(5, 2, 3, Convolutional(kernel_sizes=(2, 3)), head_hidden_sizes=(4,)),
    optimizer=optimizer_settings(AdamSection(betas=(0.8, 0.9))),
)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "checkpoint.safetensors"
    CHECKPOINT.save(path)
    return path


def change_metadata(path, change):
    arrays, metadata = load_arrays(path)
    save_arrays(path, arrays, change(metadata))


def test_checkpoint_is_read_back_whole(path):
    found = Checkpoint.load(path)
    assert found.progress == CHECKPOINT.progress
    assert found.metrics_offset == 123
    assert found.architecture == CHECKPOINT.architecture
    assert found.optimizer == CHECKPOINT.optimizer
    assert found.state.keys() == CHECKPOINT.state.keys()
    for name, array in CHECKPOINT.state.items():
        np.testing.assert_array_equal(found.state[name], array)
        assert found.state[name].dtype == array.dtype


def test_checkpoint_from_before_steps_could_be_skipped_counts_none(path):
    kept = ("skipped", "skipped_in_a_row")

    def forget(metadata):
        progress = {k: v for k, v in metadata["progress"].items() if k not in kept}
        return metadata | {"progress": progress}

    change_metadata(path, forget)
    assert Checkpoint.load(path).progress == CHECKPOINT.progress


def test_checkpoint_of_a_second_training_has_the_progress_of_the_first(tmp_path):
    path, first = tmp_path / "second.safetensors", Progress(9, 9, [0.5, -0.7], 6, 1)
    replace(CHECKPOINT, first=first).save(path)
    assert Checkpoint.load(path).first == first
    assert Checkpoint.load(path).progress == CHECKPOINT.progress


@pytest.mark.parametrize("damage", [{"step": -1}, {"best_step": 8}, {"best": [0.5]}, 3, "x"])
def test_damaged_progress_of_the_first_training_is_refused(path, damage):
    wrong = (
        asdict(Progress(7, 7, [0.5, -0.7], 6, 1)) | damage if isinstance(damage, dict) else damage
    )
    change_metadata(path, lambda metadata: metadata | {"first": wrong})
    with pytest.raises(RunFolderError, match="damaged"):
        Checkpoint.load(path)


def test_equal_checkpoints_are_equal_bytes(path, tmp_path):
    CHECKPOINT.save(tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()


def test_settings_of_optimizers_tell_them_apart_but_for_the_learning_rate():
    settings = [
        optimizer_settings(each)
        for each in (AdamSection(), AdamSection(amsgrad=True), SgdSection())
    ]
    assert settings[0] != settings[1] != settings[2]
    assert optimizer_settings(AdamSection(learning_rate=5)) == settings[0]
    assert json.loads(json.dumps(settings)) == settings


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda values: values | {"format": "model"}, "not a checkpoint"),
        (lambda values: values | {"format_version": 99}, "checkpoint format 99"),
        (lambda values: values | {"metrics_offset": "x"}, "damaged"),
        (lambda values: values | {"progress": {"step": 1}}, "damaged: KeyError"),
        (lambda values: {key: values[key] for key in values if key != "architecture"}, "damaged"),
    ],
)
def test_foreign_or_damaged_checkpoint_is_refused(path, change, message):
    change_metadata(path, change)
    with pytest.raises(RunFolderError, match=message):
        Checkpoint.load(path)


def test_cut_or_missing_checkpoint_is_refused(path):
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(RunFolderError, match="damaged"):
        Checkpoint.load(path)
    path.unlink()
    with pytest.raises(RunFolderError, match="cannot read"):
        Checkpoint.load(path)
