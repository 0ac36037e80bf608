import json
from dataclasses import replace

import pytest

from nlptrain.comparison.encoders.answer import (
    answer_sentences,
    matrix_json,
    matrix_rows,
    other_rows,
    say_check,
)
from nlptrain.comparison.encoders.matrix import Check, build_matrix


def test_sentences_say_what_each_encoder_can_and_cannot(results, grid):
    pooling, rnn, check = answer_sentences(results, grid)
    assert pooling == (
        "pooling learns majority on every seed; cannot, by construction, learn sorted. At other "
        "lengths than in training it keeps majority (41–100: 100.00 %). It does not carry over to "
        "majority (201–300: 98.00 %)."
    )
    assert rnn == "RNN sometimes learns sorted (1 of 2 seeds); learns in part majority (90.00 %)."
    assert check == "All 2 scores with an exact ceiling are 50 % to the last string."


@pytest.mark.parametrize(
    ("others", "said"),
    [([0.6, 0.5, 0.5, 0.5], True), ([1.0, 0.5, 0.5, 0.5], False), ([0.5, 0.5, 0.5, None], True)],
)
def test_only_learner_is_named_where_it_is_no_luck(make_matrix_results, grid, others, said):
    free = replace(grid, ceilings=frozenset(), tasks=grid.tasks[:1])
    cells = {("sorted", "RNN"): [1.0] * 4, ("sorted", "pooling"): others}
    sentence = "Of all these, only RNN learnt sorted."
    assert (sentence in answer_sentences(make_matrix_results(cells), free)) == said


@pytest.mark.parametrize(("rnn", "seeds"), [([1.0, 0.5, 1.0, 1.0], 4), ([1.0, 1.0], 2)])
def test_only_learner_is_not_named_where_it_may_be_luck(make_matrix_results, grid, rnn, seeds):
    free = replace(grid, ceilings=frozenset(), tasks=grid.tasks[:1])
    cells = {("sorted", "RNN"): rnn, ("sorted", "pooling"): [0.5] * seeds}
    assert not any("only" in each for each in answer_sentences(make_matrix_results(cells), free))


def test_task_that_none_learnt_is_named(make_matrix_results, grid):
    cells = {(task.name, name): [0.5] for task in grid.tasks for name in grid.encoders}
    others = {("majority", name): (0.5, 0.5) for name in grid.encoders}
    said = answer_sentences(make_matrix_results(cells, others), grid)
    assert said[0].startswith("pooling does no better than chance on majority")
    assert "None of them learnt sorted and majority." in said


def test_broken_ceiling_is_called_a_bug():
    check = Check(3, 0.2, (("sorted", "pooling"),), (("sorted", 40),))
    unmatched, missed = say_check(check)
    assert unmatched.startswith("BUG: 40 test strings of sorted have no match")
    assert missed.startswith("BUG: pooling misses its exact ceiling of 50 % on sorted")


def test_check_without_ceilings_says_nothing():
    assert say_check(Check(0, 0.0, (), ())) == []


def test_rounding_is_said_as_it_is():
    assert say_check(Check(4, 0.0005, (), ())) == [
        "All 4 scores with an exact ceiling are 50 % within chance; the farthest is 0.05 points "
        "off."
    ]


def test_rows_show_means_marks_and_the_best_seed(results, grid):
    first, second = matrix_rows(build_matrix(results, grid), grid)
    assert first == ("sorted", "6–14, same letters", "× 50.0", "90.0 (100.0)")
    assert second == ("majority", "4–20", "99.8 (100.0)", "90.0, 1 diverged")


def test_other_lengths_have_a_row_each(results, grid):
    assert other_rows(build_matrix(results, grid), grid) == [
        ("majority", "41–100", "100.0", "70.0"),
        ("majority", "201–300", "98.0", "60.0"),
    ]


def test_cell_whose_seeds_all_diverged_has_no_number(make_matrix_results, grid):
    cells = {(task.name, name): [None] for task in grid.tasks for name in grid.encoders}
    results = make_matrix_results(cells)
    assert matrix_rows(build_matrix(results, grid), grid)[1][2] == "–, 1 diverged"
    assert other_rows(build_matrix(results, grid), grid)[0][2] == "–"
    assert matrix_json(results, grid)["matrix"][1][0]["mean"] is None


def test_json_holds_the_matrix_and_no_time(results, grid):
    data = json.loads(json.dumps(matrix_json(results, grid), allow_nan=False))
    cell = data["matrix"][1][0]
    assert (cell["task"], cell["verdict"], cell["mean"]) == ("majority", "learnt", 0.9975)
    assert cell["other_means"] == [1.0, 0.98]
    assert data["ceilings"]["holds"] is True
    assert data["encoders"] == ["pooling", "RNN"]
    assert "seconds" not in data["trials"][0]


def test_one_encoder_is_compared_with_none(make_matrix_results, grid):
    single = replace(grid, encoders=("RNN",))
    cells = {(task.name, "RNN"): [1.0] for task in grid.tasks}
    results = make_matrix_results(cells, {("majority", "RNN"): (1.0, 1.0)})
    assert answer_sentences(results, single) == [
        "RNN learns sorted and majority on every seed. At other lengths than in training it keeps "
        "majority (41–100: 100.00 %) and majority (201–300: 100.00 %)."
    ]
