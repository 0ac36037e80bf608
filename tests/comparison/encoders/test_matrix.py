import math
from dataclasses import replace

import pytest
from scipy.stats import binom

from nlptrain.comparison.encoders.entries import Grid
from nlptrain.comparison.encoders.matrix import build_matrix, check_ceilings


def one_cell(make_matrix_results, grid, accuracies):
    """Give the verdict on an encoder of a task without a ceiling."""
    alone = Grid(grid.tasks[1:], ("RNN",), frozenset())
    results = make_matrix_results({("majority", "RNN"): accuracies})
    return build_matrix(results, alone)[0][0]


def test_cells_stand_in_the_grids_order(results, grid):
    names = [[(cell.task, cell.encoder) for cell in row] for row in build_matrix(results, grid)]
    assert names == [
        [("sorted", "pooling"), ("sorted", "RNN")],
        [("majority", "pooling"), ("majority", "RNN")],
    ]


def test_cell_holds_every_seed_that_did_not_diverge(results, grid):
    cell = build_matrix(results, grid)[1][1]
    assert (cell.accuracies, cell.diverged) == ((0.9,), 1)
    assert build_matrix(results, grid)[1][0].others == ((1.0, 1.0), (0.98, 0.98))


@pytest.mark.parametrize(
    ("accuracies", "verdict"),
    [
        ([0.99, 1.0], "learnt"),
        ([0.99, 0.98], "sometimes"),
        ([0.6, 0.7], "partly"),
        ([0.5, 0.52], "chance"),
        ([None, None], "diverged"),
        ([None, 1.0], "sometimes"),
    ],
)
def test_verdict_follows_from_the_seeds(make_matrix_results, grid, accuracies, verdict):
    assert one_cell(make_matrix_results, grid, accuracies).verdict == verdict


def test_chance_ends_where_guessing_comes_in_one_of_a_hundred(make_matrix_results, grid):
    # Here of one cell.
    most = int(binom.isf(0.01, 2000, 0.5)) + 1
    assert one_cell(make_matrix_results, grid, [most / 2000]).verdict == "partly"
    assert one_cell(make_matrix_results, grid, [(most - 1) / 2000]).verdict == "chance"


def test_chance_ends_further_off_in_a_matrix_of_many_cells(make_matrix_results, grid):
    free = replace(grid, ceilings=frozenset())
    most = int(binom.isf(0.01 / 4, 2000, 0.5)) + 1
    for count, verdict in ((most, "partly"), (most - 1, "chance")):
        cells = {(task.name, name): [count / 2000] for task in grid.tasks for name in grid.encoders}
        assert build_matrix(make_matrix_results(cells), free)[0][0].verdict == verdict


def test_capped_cell_cannot_whatever_it_scores(make_matrix_results, grid):
    results = make_matrix_results(
        {(task.name, name): [1.0] for task in grid.tasks for name in grid.encoders}
    )
    assert build_matrix(results, grid)[0][0].verdict == "cannot"


def test_exact_ceilings_hold(results, grid):
    check = check_ceilings(build_matrix(results, grid), grid)
    assert check.holds
    assert (check.scores, check.largest) == (2, 0.0)


@pytest.mark.parametrize("side", [1, -1])
def test_score_off_its_ceiling_is_missed_from_the_stated_bound_on(make_matrix_results, grid, side):
    only = Grid(grid.tasks[:1], ("pooling",), grid.ceilings)
    rare = next(c for c in range(1000, 2001) if binom.sf(c - 1, 2000, 0.5) <= 0.01 / (2 * 3))
    for count, missed in ((rare, (("sorted", "pooling"),)), (rare - 1, ())):
        score = 0.5 + side * (count - 1000) / 2000
        results = make_matrix_results({("sorted", "pooling"): [0.5, 0.5, score]})
        check = check_ceilings(build_matrix(results, only), only)
        assert check.missed == missed
        assert math.isclose(check.largest, (count - 1000) / 2000)


def test_ceilings_hold_at_other_lengths_too(make_matrix_results, grid):
    only = Grid((replace(grid.tasks[0], ranges=((41, 60),)),), ("pooling",), grid.ceilings)
    results = make_matrix_results({("sorted", "pooling"): [0.5]}, {("sorted", "pooling"): (0.6,)})
    assert not check_ceilings(build_matrix(results, only), only).holds


def test_string_without_its_match_breaks_the_check(results, grid):
    broken = replace(grid, tasks=(replace(grid.tasks[0], unmatched=3), grid.tasks[1]))
    check = check_ceilings(build_matrix(results, broken), broken)
    assert check.unmatched == (("sorted", 3),)
    assert not check.holds
