"""Configs given in Python, beside the same in YAML."""

from pathlib import Path

import numpy as np
import pytest

from nlptrain.config.load import load_config
from nlptrain.errors import ConfigError

CONFIG = {
    "seed": 3,
    "model": {"encoder": {"type": "cnn", "kernel_sizes": (2, 3)}, "dropout": 0.5},
    "optimizer": {"type": "adam", "learning_rate": 1e-2},
}
YAML = """
seed: 3
model: {encoder: {type: cnn, kernel_sizes: [2, 3]}, dropout: 0.5}
optimizer: {type: adam, learning_rate: 1e-2}
name: run
"""


def refuse(*given, **settings):
    with pytest.raises(ConfigError) as caught:
        load_config(*given, **settings)
    return str(caught.value).splitlines()


def test_a_dict_is_read_as_the_same_yaml(load):
    assert load_config(CONFIG).config == load(YAML).config


def test_values_of_numpy_and_paths_are_plain_ones(workplace):
    (workplace / "some.csv").touch()
    given = {"seed": np.int64(3), "model": {"dropout": np.float32(0.5)}}
    given["data"] = {"file": {"path": Path("some.csv")}}
    config = load_config(given).config
    assert (config.seed, config.model.dropout) == (3, 0.5)
    assert config.data.file.path == str(workplace / "some.csv")


def test_overrides_change_a_dict_as_they_change_a_file(load):
    change = ("model.encoder.type=rnn", "training.epochs=2")
    by_dict, by_file = load_config(CONFIG, change), load(YAML, *change)
    assert by_dict.config == by_file.config
    assert by_dict.notes == by_file.notes != ()


def test_the_dict_given_is_not_changed():
    given = {"model": {"encoder": {"type": "cnn", "channels": 3}}}
    load_config(given, ["model.encoder.type=rnn"])
    assert given == {"model": {"encoder": {"type": "cnn", "channels": 3}}}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"sed": 3}, "config: sed: unknown key"),
        ({"model": {"dropout": 2}}, "config: model.dropout: 2 is not less than 1"),
        ({"model": None}, "config: model: is empty"),
        ({"model": [1]}, "config: model: a list is not a section"),
        ({"seed": "3"}, "config: seed: '3' is not a whole number"),
        (
            {"model": {"dropout": {1, 2}}},
            "config: model.dropout: a set is neither text, a number, true, false, null, a list "
            "nor a section",
        ),
        ({3: 4}, "config: 3: "),
    ],
)
def test_what_is_wrong_is_named_by_its_keys(given, says):
    assert refuse(given)[0].startswith(says)


def test_all_problems_of_a_dict_are_told():
    assert refuse({"sed": 3, "model": {"dropout": 2}})[-1].startswith("2 errors in config;")


def test_settings_are_put_in_before_overrides():
    settings = {("training", "epochs"): 7, ("model", "dropout"): 0.25}
    config = load_config("own_file", ["training.epochs=8"], settings=settings).config
    assert (config.training.epochs, config.model.dropout) == (8, 0.25)


def test_setting_of_another_type_drops_what_the_file_says_of_the_old_one():
    loaded = load_config("own_file", settings={("model", "encoder", "type"): "cnn"})
    assert loaded.config.model.encoder.type == "cnn"
    (note,) = loaded.notes
    assert "cnn has no such setting" in note


def test_wrong_setting_is_named_as_the_argument_it_was():
    lines = refuse("own_file", settings={("training", "epochs"): 0})
    assert lines[0] == "argument training__epochs=0: 0 is less than 1"


def test_data_file_replaces_data_and_keeps_the_rules(tmp_path):
    rules = {"conflicts": "drop", "min_examples": 1}
    given = {"data": {"file": {"path": "x", "sheet": "s", "split": "part", **rules}}}
    data = load_config(given, data_file=tmp_path / "t.jsonl").config.data
    assert (data.file.path, data.file.sheet) == (str(tmp_path / "t.jsonl"), None)
    assert (data.file.split, data.file.text, data.file.label) == (None, "text", "label")
    assert (data.file.conflicts, data.file.min_examples) == ("drop", 1)
    task = load_config("rnn", ["training.epochs=1"], data_file=tmp_path / "t.jsonl").config.data
    assert (task.task, task.sizes) == (None, None)
    assert "unknown key" in refuse({"data": {"fil": 3}}, data_file=tmp_path / "t.jsonl")[0]
