import numpy as np
import pytest

from nlptrain.datasets.examples import Dataset, Examples


def dataset(texts=("a", "bc"), classes=(0, 1), labels=("x", "y"), test=("d",)):
    train = Examples(list(texts), np.array(classes))
    empty = Examples([], np.array([], np.int64))
    return Dataset(train, empty, Examples(list(test), np.array([0])), labels)


def test_splits_have_names_and_sizes():
    sizes = {name: len(split) for name, split in dataset().splits.items()}
    assert sizes == {"train": 2, "validation": 0, "test": 1}


def test_sizes_are_those_of_the_splits():
    parts = [Examples(["a"] * size, np.zeros(size, np.int64)) for size in (3, 2, 1)]
    assert Dataset(*parts, ("x", "y")).sizes == {"train": 3, "validation": 2, "test": 1}


def test_equal_data_has_one_fingerprint():
    assert dataset().fingerprint == dataset().fingerprint
    assert len(bytes.fromhex(dataset().fingerprint)) == 32


@pytest.mark.parametrize(
    "change",
    [
        {"texts": ("ab", "c")},
        {"texts": ("bc", "a")},
        {"classes": (1, 1)},
        {"labels": ("xy", "")},
        {"test": ("\ud800",)},
    ],
)
def test_any_change_shows_in_the_fingerprint(change):
    assert dataset(**change).fingerprint != dataset().fingerprint
