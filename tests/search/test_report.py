"""What a report says, of a search made by hand."""

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from nlptrain.comparison.results import Results, TrialRecord
from nlptrain.comparison.statistics.intervals import Mean
from nlptrain.config.load import load_config
from nlptrain.search.final import Final, LinearScore, _sum_up
from nlptrain.search.finalists import Finalist
from nlptrain.search.report.answer import answer_sentences, find_promise, report_json
from nlptrain.search.report.best import best_yaml
from nlptrain.search.report.figures import draw_figures
from nlptrain.search.report.importance import Importance
from nlptrain.search.report.page import best_rows, render_search
from nlptrain.search.report.rules import search_statements
from nlptrain.search.results import SearchTrial
from nlptrain.search.run import Found
from nlptrain.search.trial import TrialResult

KINDS = ("rnn", "cnn", "pooling")


def build_trials():
    trials = []
    for number in range(1, 13):
        kind = KINDS[number % 3]
        values = {"optimizer.learning_rate": 10 ** (-number / 4), "model.encoder.type": kind}
        if kind == "rnn":
            values["model.encoder.hidden_size"] = 3 + number % 4
        accuracy = 0.8 + 0.01 * (number % 7)
        result = TrialResult(accuracy, accuracy - 0.01, 1 - accuracy, 9, 45, 1.5, 90 + number, 400)
        state = "pruned" if number % 4 == 0 else "finished"
        trials.append(SearchTrial(number, state, values, result, given=number == 1))
    trials.append(SearchTrial(13, "refused", reason="<b>no</b> config"))
    return tuple(trials)


FINAL = Final(
    seeds=(1, 2, 3, 4, 5, 6),
    measure="accuracy",
    given=Mean(0.8, 0.79, 0.81, 6),
    found=Mean(0.83, 0.82, 0.84, 6),
    gain=Mean(0.03, 0.01, 0.05, 6),
    confidence=0.95,
    given_validation=0.8,
    found_validation=0.84,
    linear=LinearScore(0.7, 0.65, 100, 400),
)


@pytest.fixture
def found(load, tmp_path):
    config = load()
    trials = build_trials()
    chosen = next(trial for trial in trials if trial.number == 6)
    protocol = {"name": "rnn", "config": {}, "data": "0"}
    return Found(config, protocol, trials, chosen, FINAL, tmp_path, command="nlptrain search rnn")


def test_answer_says_what_was_gained_and_what_was_luck(found):
    # In the search 0.86 against 0.81 of the config as given, on fresh seeds 0.84 against 0.80.
    seen, kept = find_promise(found)
    assert (seen, kept) == (pytest.approx(0.05), pytest.approx(0.04))
    gain, luck, linear, count = answer_sentences(found)
    assert "better by +3.00 points, 95 % interval 1.00 to 5.00 points" in gain
    assert luck == (
        "On validation it was better by 5.00 points in the search, and is better by 4.00 points on "
        "fresh seeds: 1.00 points were luck of the search."
    )
    # Wilson's interval of 70 in 100 (statsmodels' proportion_confint, method wilson).
    assert "70.00 %, 95 % interval 60.42 to 78.11" in linear
    assert count == "13 trials: 9 finished, 3 pruned, 1 refused."


@pytest.mark.parametrize(
    ("in_search", "fresh", "said"),
    [
        (0.80, 0.83, "worse by 1.00 points in the search, and is better by 3.00 points on fresh"),
        (0.81, 0.80, "no better in the search, and is no better on fresh seeds."),
        (0.83, 0.79, "is worse by 1.00 points on fresh seeds: 3.00 points were luck"),
        (0.83, 0.83, "is better by 3.00 points on fresh seeds: none of it was luck"),
    ],
)
def test_answer_speaks_of_luck_only_where_something_was_gained(found, in_search, fresh, said):
    result = replace(found.chosen.result, accuracy=in_search)
    chosen = replace(found.chosen, result=result)
    final = replace(FINAL, found_validation=fresh)
    sentence = answer_sentences(replace(found, chosen=chosen, final=final))[1]
    assert said in sentence
    assert ("luck" in sentence) == (in_search > 0.81)


@pytest.mark.parametrize(
    ("gain", "confidence", "said"),
    [
        (Mean(-0.03, -0.05, -0.01, 6), 0.95, "worse: −3.00 points, 95 % interval −5.00 to −1.00"),
        (Mean(0.01, -0.01, 0.03, 6), 0.95, "which may be chance"),
        (Mean(0.03, 0.01, 0.05, 2), 0.5, "on too few seeds to tell from chance"),
        (Mean(0.03, 0.01, 0.05, 5), 0.9375, "better by +3.00 points, 94 % interval"),
    ],
)
def test_answer_claims_no_more_than_the_interval(found, gain, confidence, said):
    final = replace(FINAL, gain=gain, confidence=confidence)
    assert said in answer_sentences(replace(found, final=final))[0]


def test_answer_speaks_of_the_score_that_was_looked_for(found):
    gain, _, linear, _ = answer_sentences(replace(found, final=replace(FINAL, measure="macro_f1")))
    assert gain.startswith("What was found has a test macro F1 of 83.00 %")
    assert "a test macro F1 of 65.00 %" in linear


def test_answer_says_where_nothing_was_better(found):
    first, *_ = answer_sentences(replace(found, chosen=found.trials[0]))
    assert first.startswith("No trial was better than the config as given")


def test_answer_says_how_the_finalists_did(found):
    sixth, fifth, given = (found.trials[place] for place in (5, 4, 0))
    ranked = [Finalist(sixth, (0.85, 0.84)), Finalist(fifth, (0.83, 0.82)), Finalist(given, (0.8,))]
    said = answer_sentences(replace(found, finalists=tuple(ranked)))[1]
    assert said == (
        "Trained again on 2 other seeds, the best 2 trials and the config as given were compared "
        "once more on validation: this had the best mean accuracy, 84.50 %, the config as "
        "given 80.00 %."
    )
    said = answer_sentences(replace(found, chosen=given, finalists=tuple(reversed(ranked))))[1]
    assert said.endswith("the config as given had the best mean accuracy, 80.00 %.")
    said = answer_sentences(replace(found, finalists=(ranked[0], ranked[2])))[1]
    assert "other seeds, the best trial and the config as given were" in said
    rules = {rule.id: rule.text for rule in search_statements(replace(found, finalists=ranked))}
    assert "seeds 1001, 1002" in rules["taken"]


def make_final_trial(name, seed, accuracy):
    series = dict.fromkeys(("validation_accuracies", "validation_macro_f1s"), (accuracy,))
    lone = dict.fromkeys(("steps", "seconds", "train_losses", "validation_losses"), (1.0,))
    return TrialRecord(
        name,
        "final",
        0.1,
        seed,
        best=0,
        diverged=False,
        **series,
        **lone,
        test_accuracy=accuracy,
        test_loss=1 - accuracy,
        test_macro_f1=accuracy**2,
    )


def make_results(trials):
    return Results(SimpleNamespace(final_seeds=tuple(range(6))), {}, tuple(trials))


def test_differences_are_taken_seed_by_seed():
    scores = {"as given": [0.8, 0.7, 0.6, 0.9, 0.8, 0.7], "found": [0.9, 0.7, 0.8, 0.9, 0.9, 0.8]}
    trials = [
        make_final_trial(name, seed, accuracy)
        for name, accuracies in scores.items()
        for seed, accuracy in enumerate(accuracies)
    ]
    final = _sum_up(make_results(trials), "accuracy", None)
    assert final.gain.value == pytest.approx(0.5 / 6)
    # All sign flips of six differences: the interval at 5 % is from the lowest to the highest.
    assert (final.gain.low, final.gain.high) == (pytest.approx(0.0), pytest.approx(0.2))
    assert final.confidence == 0.95
    losses = _sum_up(make_results(trials), "loss", None)
    assert losses.gain.value == pytest.approx(0.5 / 6)
    # Squares of the accuracies: 0.17, 0, 0.28, 0, 0.17 and 0.15.
    macro_f1 = _sum_up(make_results(trials), "macro_f1", None)
    assert macro_f1.gain.value == pytest.approx(0.77 / 6)


def test_best_yaml_is_the_config_that_was_found(found):
    path = found.folder / "best.yaml"
    path.write_text(best_yaml(found))
    config = load_config(path).config
    assert config.optimizer.learning_rate == found.chosen.values["optimizer.learning_rate"]
    assert config.model.encoder.type == found.chosen.values["model.encoder.type"]
    assert config.data == found.config.data
    header = path.read_text()
    for words in (f"nlptrain train {path}", "nlptrain search rnn", "luck of the search"):
        assert words in header


def test_report_has_no_times(found):
    report = report_json(found)
    assert report["gain_in_search"] == pytest.approx(0.05)
    assert not any("seconds" in (trial["result"] or {}) for trial in report["trials"])


def test_page_escapes_what_is_the_users(found):
    page = render_search(found, {}, [Importance("optimizer.learning_rate", 0.5, 9)])
    assert "<b>no" not in page
    assert "&lt;b&gt;no" in page


def test_ten_best_trials_are_listed_with_their_settings(found):
    header, rows = best_rows(found)
    assert header[0] == "trial"
    # Accuracies 0.86, 0.85, 0.84, twice 0.83 and so on; of equal ones the smaller network first.
    names = ["6", "5", "11", "3", "10", "2", "9", "1 (as given)", "7"]
    assert [row[0] for row in rows] == names
    assert all(len(row) == len(header) for row in rows)


def test_rules_follow_the_settings(found, load):
    texts = {rule.id: rule.text for rule in search_statements(found)}
    assert "TPESampler" in texts["budget"]
    assert "seeds 1 to 6" in texts["final-seeds"]
    assert "after a quarter and after half" in texts["pruning"]
    assert "95 %" in texts["interval"]
    other = replace(found, config=load("search.sampler=random", "search.pruner=none"))
    texts = {rule.id: rule.text for rule in search_statements(other)}
    assert "RandomSampler" in texts["budget"]
    assert texts["pruning"] == "Every trial was trained to its end."


def test_figures_are_drawn_of_what_there_is(found, load):
    one = draw_figures(found, [Importance("optimizer.learning_rate", 0.5, 9)])
    assert set(one) == {"history.svg", "importance.svg", "slices.svg", "parallel.svg"}
    assert draw_figures(found, []).keys() == one.keys() - {"importance.svg"}
    config = load("search.objective=[accuracy, parameters]")
    two = draw_figures(replace(found, config=config), [])
    assert "front.svg" in two
    assert all(svg.startswith(b"<?xml") for svg in two.values())


def test_nothing_is_lost_where_a_score_is_missing(found):
    result = TrialResult(None, None, None, 0, 3, 1.0, 90, 400, diverged=True)
    trials = (*found.trials, SearchTrial(14, "diverged", found.chosen.values, result))
    page = render_search(replace(found, trials=trials), {}, [])
    assert "diverged" in page
    assert not math.isnan(find_promise(replace(found, trials=trials))[0])
    assert Path(found.folder).is_dir()
