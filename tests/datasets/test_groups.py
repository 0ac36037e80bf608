import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from nlptrain.datasets.cleaning_report import CleaningReport
from nlptrain.datasets.groups import join_groups, share_groups

ROWS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=20)


@given(rows=ROWS)
def test_groups_that_share_strings_are_connected_components(rows):
    strings = list(dict.fromkeys(f"s{text}" for text, _ in rows))
    texts, groups = [f"s{text}" for text, _ in rows], [f"g{group}" for _, group in rows]
    joined = join_groups(strings, texts, groups, CleaningReport())
    edges = np.array([(text, 10 + group) for text, group in rows]).T
    graph = coo_array((np.ones(len(rows)), edges), shape=(20, 20))
    _, expected = connected_components(graph, directed=False)
    component = {text: expected[int(text[1:])] for text in strings}
    for one, first in zip(strings, joined, strict=True):
        for other, second in zip(strings, joined, strict=True):
            assert (first == second) == (component[one] == component[other])


def test_joined_groups_are_counted():
    report = CleaningReport()
    join_groups(["a", "b"], ["a", "a", "b"], ["x", "y", "z"], report)
    assert report.counts == {"groups": 3, "groups_joined": 1}
    assert "3 groups, of which some share strings" in report.notes[0]


@pytest.mark.parametrize("shares", [[0.8, 0.1, 0.1], [0.25] * 4])
def test_parts_come_near_their_share_of_every_class(shares):
    generator = np.random.default_rng(0)
    groups = generator.integers(0, 300, 3000)
    classes = (generator.random(3000) < 0.2).astype(np.int64)
    parts = share_groups(classes, groups, shares, seed=1)
    assert all(len(set(parts[groups == group])) == 1 for group in range(300))
    for class_index in (0, 1):
        found = np.bincount(parts[classes == class_index]) / (classes == class_index).sum()
        np.testing.assert_allclose(found, shares, atol=0.02)


def test_a_group_larger_than_a_share_goes_to_the_largest_part():
    groups = np.array([7] * 60 + list(range(10, 50)))
    parts = share_groups(np.zeros(100, np.int64), groups, [0.8, 0.1, 0.1], seed=0)
    assert parts[0] == 0
    assert np.bincount(parts).tolist() == [80, 10, 10]


def test_seed_decides():
    classes, groups = np.zeros(50, np.int64), np.arange(50)
    drawn = [share_groups(classes, groups, [0.5, 0.5], seed).tolist() for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
