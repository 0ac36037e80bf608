import json

import pytest

from nlptrain.comparison.report.answer import answer_sentences, comparison_json, ranking_rows

SIX = [0.5, 0.6, 0.7, 0.8, 0.9, 0.55]
EIGHT = [*SIX, 0.65, 0.75]


def text(results):
    return " ".join(answer_sentences(results))


def test_first_sentence_names_the_first_and_its_score(make_duel):
    first, second, *_ = answer_sentences(make_duel(sgd=[0.5] * 6, adam=[0.75] * 6))
    assert first == (
        "adam ranks first: test accuracy 75.00 % [75.00, 75.00] over 6 seeds, 0 of 6 diverged."
    )
    assert second == "adam is more accurate than sgd."


def test_learning_rate_is_said_where_it_was_tuned(make_trial, make_tuning_trial, make_results):
    trials = [make_tuning_trial("sgd", 0, 0.1, 0.5), make_trial("sgd", 1, [0.75])]
    assert "sgd at learning rate 0.1: test" in text(make_results(trials))


@pytest.fixture
def make_race(make_trial, make_results):
    """Make results of contestants that solve the task, from the evaluations that each took."""

    def make(**evaluations):
        trials = [
            make_trial(name, seed, [0.5] * (count - 1) + [1.0])
            for name, counts in evaluations.items()
            for seed, count in enumerate(counts)
        ]
        return make_results(trials)

    return make


def test_where_all_solve_the_task_that_is_said_first_and_speed_compares_them(make_race):
    sentences = answer_sentences(make_race(slow=[40] * 8, fast=[20] * 8, quick=[19] * 8))
    assert sentences[:4] == [
        "All 3 contestants solve the task: every final trial scores at least 99.5 % on the test "
        "and reaches the target of 90 % validation accuracy. They are compared by steps to the "
        "target.",
        "fast and quick share the first rank.",
        "fast and quick are each faster than slow.",
        "Of 3 pairs, 1 is practically equal (they differ by less than 10 % of the steps).",
    ]


def test_fastest_is_named_with_its_steps_where_it_is_faster_than_all(make_race):
    sentences = answer_sentences(make_race(slow=[40] * 8, fast=[20] * 8))
    assert sentences[1:3] == [
        "fast ranks first: a median of 200 steps to the target over 8 seeds, 0 of 8 diverged.",
        "fast is faster than slow.",
    ]


def test_no_difference_is_no_claim(make_duel):
    sentences = answer_sentences(make_duel(a=SIX, b=SIX[::-1]))
    assert sentences[:2] == [
        "No contestant is shown to be better than another, with 6 seeds.",
        "a and b are not told apart with 6 seeds.",
    ]
    assert not any("a " in sentence and "b" not in sentence for sentence in sentences[2:])


def test_too_few_seeds_are_said_with_the_number_that_would_do(make_duel):
    first = answer_sentences(make_duel(a=SIX, b=[0.1] * 6, c=[0.9] * 6))[0]
    assert first == (
        "With 6 seeds, no difference between 3 contestants can be told from chance, however large; "
        "it takes 7 seeds."
    )


def test_those_that_beat_the_same_ones_share_a_sentence(make_duel):
    up = [score + 0.1 for score in EIGHT]
    twin = [score + 0.1 for score in EIGHT[::-1]]
    lost = [0.1] * 8
    answer = text(make_duel(bad=lost, worse=lost, one=up, other=twin))
    assert "one and other share the first rank." in answer
    assert "one and other are each more accurate than bad and worse." in answer
    assert "Of 6 pairs, 1 is the same on every seed." in answer
    assert "Of 6 pairs, 1 is not told apart with 8 seeds." in answer


def test_pairs_that_are_all_the_same_are_called_so(make_duel):
    answer = text(make_duel(a=EIGHT, b=EIGHT, c=EIGHT))
    assert "All 3 pairs are the same on every seed." in answer


def test_what_is_no_better_than_the_most_frequent_class_is_said(make_duel):
    answer = text(make_duel(sgd=[0.5] * 6, adam=[0.75] * 6))
    assert "most frequent class would score 50.00 %: sgd did no better." in answer
    assert "no contestant did better" in text(make_duel(sgd=[0.5] * 6, adam=[0.4] * 6))


def test_contestant_is_not_called_no_better_where_chance_may_tell_it_from_the_others(make_duel):
    answer = text(make_duel(a=[0.49, 0.5, 0.5] * 2, b=[0.52, 0.5, 0.5] * 2))
    assert "50.00 %: that not every contestant does better is not ruled out." in answer


@pytest.mark.parametrize(
    ("accuracies", "sentence"),
    [
        ([0.5, 0.5], "No trial reached the target of 90 % validation accuracy."),
        ([0.95, 0.5], "1 of 2 final trials reached the target of 90 % validation accuracy."),
    ],
)
def test_trials_that_reached_the_target_are_counted(make_duel, accuracies, sentence):
    assert sentence in text(make_duel(sgd=accuracies))


def test_diverged_trials_are_said(make_trial, make_results):
    trials = [make_trial("sgd", 0, [0.5]), make_trial("sgd", 1, [], diverged=True)]
    assert "Final trials diverged: 1 of 2 of sgd." in text(make_results(trials))


def test_nothing_is_said_of_scores_where_all_diverged(make_trial, make_results):
    (sentence,) = answer_sentences(make_results([make_trial("sgd", 0, [0.9], diverged=True)]))
    assert sentence.startswith("Every final trial diverged")


def test_edge_is_said_and_marked(make_trial, make_tuning_trial, make_results):
    tuning = [make_tuning_trial("sgd", 0, rate, 0.5) for rate in (0.1, 1.0)]
    results = make_results([*tuning, make_trial("sgd", 1, [0.5])])
    assert "The best learning rate of sgd is the last that was tried on its side" in text(results)
    assert ranking_rows(results)[0][2] == "0.1 (lower edge)"


def test_tuned_settings_stand_beside_the_learning_rate_where_anybody_tunes_some(
    make_duel, make_tuned_results
):
    rows = {row[1]: row for row in ranking_rows(make_tuned_results())}
    assert rows["adamw"][2:4] == ("weight_decay 0.01, betas [0.9, 0.99]", "0.1")
    assert rows["sgd"][2:4] == ("–", "0.1")
    (row,) = ranking_rows(make_duel(sgd=[0.5]))
    assert row[2] == "0.1"


def test_json_holds_what_was_tuned_tried_and_chosen(make_tuned_results):
    data = comparison_json(make_tuned_results())
    chosen = {"weight_decay": 0.01, "betas": [0.9, 0.99]}
    contestant = data["protocol"]["contestants"][0]
    assert contestant["tune"]["weight_decay"] == [0.0, 0.01]
    assert contestant["drawn"][1] == {"learning_rate": 0.1, "settings": chosen}
    assert [each["settings"] for each in data["ranking"]] == [chosen, {}]
    assert data["trials"][-1]["settings"] == {}
    assert data["trials"][-2]["settings"] == chosen


def test_row_has_rank_scores_and_counts(make_trial, make_results):
    trials = [make_trial("sgd", 0, [0.5, 0.92]), make_trial("sgd", 1, [0.94])]
    trials.append(make_trial("sgd", 2, [], diverged=True))
    (row,) = ranking_rows(make_results(trials))
    assert row == (
        "1",
        "sgd",
        "0.1",
        "–",
        "72.0 %",
        "93.00 % [92.00, 94.00]",
        "0.0700 [0.0600, 0.0800]",
        "2 of 3, 15",
        "1 of 3",
    )


def test_json_does_not_depend_on_the_clock(make_trial, make_results):
    slow, fast = (
        make_results([make_trial("sgd", 0, [0.5, 0.95], seconds=seconds)])
        for seconds in [(1.0, 2.0), (0.1, 0.2)]
    )
    assert comparison_json(slow) == comparison_json(fast)


def test_json_holds_protocol_ranking_and_every_trial(realistic_results):
    data = comparison_json(realistic_results)
    assert data["protocol"]["final_seeds"] == [2, 3, 4, 5, 6]
    assert [entry["rank"] for entry in data["ranking"]][:1] == [1]
    assert len(data["ranking"]) == 8
    assert len(data["differences"]) == 28
    assert len(data["trials"]) == len(realistic_results.trials) == 8 * (7 * 2 + 5)


def test_json_has_no_number_that_json_does_not_know(make_trial, make_results):
    trials = [make_trial("sgd", 0, [0.5], test_loss=float("inf"))]
    trials.append(make_trial("lost", 0, [], diverged=True))
    data = comparison_json(make_results(trials))
    json.dumps(data, allow_nan=False)
    assert data["trials"][0]["test_loss"] is None
