import pytest

from nlptrain.comparison.report.figure_tables import figure_tables


def rows_of(results, name):
    return [tuple(row) for row in figure_tables(results)[f"{name}.svg"].rows]


def test_scores_are_the_mean_and_every_seed_without_the_diverged(make_trial, make_results):
    trials = [make_trial("sgd", seed, [score]) for seed, score in ((1, 0.5), (2, 0.75))]
    trials.append(make_trial("sgd", 3, [0.9], diverged=True))
    mean, *seeds = rows_of(make_results(trials), "scores")
    assert mean[:2] == ("sgd", "mean")
    assert mean[2].startswith("62.50 % [")
    assert seeds == [("sgd", "1", "50.00 %", "0.500"), ("sgd", "2", "75.00 %", "0.250")]


def test_curves_have_mean_lowest_and_highest_at_some_steps_and_at_the_last(
    make_trial, make_results
):
    scores = [0.5] * 24 + [0.75]
    other = [0.5] * 24 + [0.25]
    results = make_results([make_trial("sgd", 0, scores), make_trial("sgd", 1, other)])
    rows = rows_of(results, "curves")
    assert [row[1] for row in rows] == ["10", "40", "70", "100", "130", "160", "190", "220", "250"]
    assert rows[0][3] == "0.500"
    assert rows[-1][3] == "0.500 (0.250 to 0.750)"


@pytest.mark.parametrize(("tuned_by", "columns"), [("accuracy", 6), ("macro_f1", 6), ("loss", 5)])
def test_learning_rates_have_what_decided_and_the_chosen_one(
    make_trial, make_tuning_trial, make_results, tuned_by, columns
):
    trials = [make_tuning_trial("sgd", 0, rate, 0.5) for rate in (0.01, 0.1)]
    trials += [make_tuning_trial("sgd", 0, 1.0, 0.1, diverged=True)]
    results = make_results([*trials, make_trial("sgd", 5, [0.9])], tuned_by=tuned_by)
    rows = rows_of(results, "sensitivity")
    assert [row[-1] for row in rows] == ["", "chosen", ""]
    assert [row[-2] for row in rows] == ["0 of 1", "0 of 1", "1 of 1"]
    assert {len(row) for row in rows} == {columns}
    assert set(rows[2][2:-2]) == {"–"}


def test_profile_has_the_share_of_seeds_within_each_ratio_and_at_all(make_trial, make_results):
    # fast: 10 steps at both seeds; slow: 30, and never.
    trials = [make_trial("fast", seed, [0.95]) for seed in (0, 1)]
    trials += [make_trial("slow", 0, [0.5, 0.5, 0.95]), make_trial("slow", 1, [0.5])]
    fast, slow = rows_of(make_results(trials), "profile")
    assert fast == ("fast", *["100 %"] * 6)
    assert slow == ("slow", "0 %", "0 %", "0 %", "50 %", "50 %", "50 %")
