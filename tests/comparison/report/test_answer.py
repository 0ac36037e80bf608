import json

import pytest

from nlptrain.comparison.report.answer import answer_sentences, comparison_json, ranking_rows

FIVE = [0.5, 0.6, 0.7, 0.8, 0.9]


def text(results):
    return " ".join(answer_sentences(results))


def test_first_sentence_names_the_first_and_its_score(make_duel):
    first = answer_sentences(make_duel(sgd=[0.5] * 5, adam=[0.75] * 5))[0]
    assert first == (
        "adam ranks first: test accuracy 75.00 % [75.00, 75.00] over 5 seeds, 0 of 5 diverged."
    )


def test_learning_rate_is_said_where_it_was_tuned(make_trial, make_tuning_trial, make_results):
    trials = [make_tuning_trial("sgd", 0, 0.1, 0.5), make_trial("sgd", 1, [0.75])]
    assert "sgd ranks first at learning rate 0.1: test" in text(make_results(trials))


def test_others_are_grouped_by_what_can_be_said(make_duel):
    up = [score + 0.1 for score in FIVE]
    mixed = [0.7, 0.6, 0.7, 1.0, 0.9]
    answer = text(make_duel(bad=FIVE, best=up, close=mixed))
    assert "It is better than bad." in answer
    assert "No difference between it and close can be seen with 5 seeds." in answer


def test_equals_rank_first_together(make_duel):
    first = answer_sentences(make_duel(adam=FIVE, adam_by_hand=FIVE, sgd=[0.1] * 5))[0]
    assert first.startswith("adam and adam_by_hand rank first together: test accuracy 70.00 %")


def test_what_is_no_better_than_the_most_frequent_class_is_said(make_duel):
    answer = text(make_duel(sgd=[0.5] * 5, adam=[0.75] * 5))
    assert "most frequent class would score 50.00 %: sgd did no better." in answer


def test_fastest_is_among_those_that_reached_the_target_on_every_seed(make_trial, make_results):
    trials = [make_trial("steady", seed, [0.5, 0.95]) for seed in (0, 1)]
    trials += [make_trial("lucky", 0, [0.95]), make_trial("lucky", 1, [0.5])]
    answer = text(make_results(trials))
    assert "90 % validation accuracy on every seed, steady needed the fewest steps (median 20)" in (
        answer
    )


@pytest.mark.parametrize(
    ("accuracies", "sentence"),
    [
        ([0.5, 0.5], "No trial reached the target of 90 % validation accuracy."),
        ([0.95, 0.5], "No contestant reached the target of 90 % validation accuracy on every"),
    ],
)
def test_missed_target_is_said(make_duel, accuracies, sentence):
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


def test_first_is_said_with_all_that_was_chosen_for_it(make_tuned_results):
    assert answer_sentences(make_tuned_results())[0].startswith(
        "adamw ranks first at learning rate 0.1, weight_decay 0.01, betas [0.9, 0.99]: test"
    )


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
