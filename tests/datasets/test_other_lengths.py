import numpy as np
import pytest

from nlptrain.config.load import load_config
from nlptrain.datasets.build import build_dataset
from nlptrain.datasets.other_lengths import draw_other_lengths
from nlptrain.errors import ConfigError, DataError
from nlptrain.tasks.majority import Majority
from nlptrain.tasks.parity import Parity
from nlptrain.tasks.sampling import sample_task

SMALL = ["data.sizes.train=200", "data.sizes.validation=50", "data.sizes.test=60"]


def build(*overrides, source="rnn"):
    config = load_config(source, [*SMALL, *overrides]).config
    return build_dataset(config.data, config.text, seed=config.seed)


def test_each_range_has_as_many_strings_as_the_test_and_balanced_classes():
    found = build("data.evaluate_lengths=[20, [30, 40]]").other_lengths
    lengths = np.array(list(map(len, found.texts)))
    assert (lengths == 20).sum() == 60
    assert ((lengths >= 30) & (lengths <= 40)).sum() == 60
    assert np.bincount(found.classes).tolist() == [60, 60]
    assert [int("a" in text) for text in found.texts] == found.classes.tolist()


@pytest.mark.parametrize("task", [Parity(lengths=(1, 9)), Majority(lengths=(4, 9))])
def test_a_range_has_the_same_strings_whatever_was_counted_before(task):
    ranges = [(40, 60), (10, 12), (20, 20)]
    found = draw_other_lengths(task, ranges, 50, seed=3)
    alone = [
        sample_task(type(task)(lengths=lengths), {"test": 50}, 3).splits["test"]
        for lengths in ranges
    ]
    assert found.texts == [text for each in alone for text in each.texts]
    np.testing.assert_array_equal(found.classes, np.concatenate([each.classes for each in alone]))


def test_splits_and_fingerprint_do_not_change():
    plain, more = build(), build("data.evaluate_lengths=[20]")
    assert plain.other_lengths is None
    assert plain.fingerprint == more.fingerprint


def test_a_task_whose_classes_depend_on_the_length_is_refused():
    with pytest.raises(
        ConfigError, match=r"evaluate_lengths: at lengths 9 to 9 the task has other"
    ):
        build("data.evaluate_lengths=[9]", source="position")


@pytest.mark.parametrize(
    ("lengths", "problem"),
    [
        ("[[10, 20]]", "10 to 20 overlaps with data.task.lengths, 4 to 12"),
        ("[4]", "4 to 4 overlaps"),
        ("[[30, 20]]", r"\[30, 20\] is not \[shortest, longest\]"),
    ],
)
def test_lengths_of_training_and_empty_ranges_are_refused(lengths, problem):
    with pytest.raises(ConfigError, match=problem):
        build(f"data.evaluate_lengths={lengths}")


def test_lengths_with_too_few_strings_are_named():
    with pytest.raises(DataError, match=r"data\.evaluate_lengths: 1 to 1: .* 60 distinct strings"):
        build("data.evaluate_lengths=[1]")


def test_a_file_has_no_other_lengths():
    with pytest.raises(ConfigError, match="the lengths in a file are fixed"):
        load_config("own_file", ["data.evaluate_lengths=[20]"])
