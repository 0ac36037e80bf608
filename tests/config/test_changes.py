import pytest

from nlptrain.config.changes import SettingChange, compare_values, find_changes
from nlptrain.config.load import load_config


def differences(*overrides, of=()):
    found = find_changes(load_config("rnn", of).config, load_config("rnn", overrides).config)
    return {each.path: (each.before, each.after) for each in found}


def test_equal_configs_have_no_difference():
    assert differences() == {}


def test_every_difference_has_its_path_and_both_values():
    found = differences("training.epochs=3", "seed=1", "training.patience=2")
    assert found == {
        "seed": (0, 1),
        "training.epochs": (10, 3),
        "training.patience": (None, 2),
    }
    assert list(found) == ["seed", "training.epochs", "training.patience"]


def test_list_differs_as_a_whole():
    assert differences("data.task.lengths=[4, 13]") == {"data.task.lengths": ([4, 12], [4, 13])}


def test_sections_of_other_types_differ_in_their_type_alone():
    found = differences("optimizer={type: sgd, learning_rate: 0.5}", "model.encoder.type=cnn")
    assert found == {"model.encoder.type": ("rnn", "cnn"), "optimizer.type": ("adam", "sgd")}


def test_section_that_only_one_config_has_is_one_difference():
    (found,) = compare_values({"a": None}, {"a": {"b": 1}})
    assert found == SettingChange("a", None, {"b": 1})


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (None, 2, "x: null in the run, 2 wanted"),
        (True, False, "x: true in the run, false wanted"),
        ("a", 0.5, "x: 'a' in the run, 0.5 wanted"),
        ([1, 2], {"b": "ü"}, 'x: [1, 2] in the run, {"b": "ü"} wanted'),
        ("a" * 300, [9] * 99, f"x: '{'a' * 198}… in the run, [{'9, ' * 66}… wanted"),
    ],
)
def test_difference_is_described_with_both_values(before, after, text):
    assert SettingChange("x", before, after).describe() == text


def test_change_is_described_as_one():
    assert SettingChange("training.epochs", 2, 3).describe_change() == "training.epochs: 2 → 3"
