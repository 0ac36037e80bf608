import numpy as np
import pytest
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from nlptrain.datasets.folds import draw_folds

GENERATOR = np.random.default_rng(0)
CLASSES = np.sort(GENERATOR.choice(3, 500, p=[0.7, 0.2, 0.1]))


@pytest.mark.parametrize("number", [2, 7, 10])
def test_folds_are_as_even_as_scikit_learns(number):
    folds = draw_folds(CLASSES, None, number, seed=3)
    reference = StratifiedKFold(number).split(CLASSES, CLASSES)
    ours = np.array([np.bincount(CLASSES[folds == fold]) for fold in range(number)])
    theirs = np.array([np.bincount(CLASSES[test]) for _, test in reference])
    assert (np.ptp(ours, axis=0) <= np.maximum(np.ptp(theirs, axis=0), 1)).all()
    assert np.ptp(ours.sum(axis=1)) <= 1


def test_groups_stay_whole_and_classes_are_as_even_as_scikit_learns():
    groups = GENERATOR.integers(0, 60, 500)
    folds = draw_folds(CLASSES, groups, 5, seed=3)
    assert all(len(set(folds[groups == group])) == 1 for group in set(groups))
    reference = StratifiedGroupKFold(5).split(CLASSES, CLASSES, groups)
    ours = np.array([np.bincount(CLASSES[folds == fold], minlength=3) for fold in range(5)])
    theirs = np.array([np.bincount(CLASSES[test], minlength=3) for _, test in reference])
    assert (np.ptp(ours, axis=0) <= np.ptp(theirs, axis=0) + 4).all()


def test_seed_decides_and_repeats():
    drawn = [draw_folds(CLASSES, None, 5, seed).tolist() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
