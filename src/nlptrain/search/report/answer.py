"""The answer of a search in sentences: what was found, and how much of it was luck."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from nlptrain.comparison.report.statement import count
from nlptrain.evaluation.intervals import wilson
from nlptrain.files.storage import finite
from nlptrain.search.final import Final
from nlptrain.search.report.wording import MEASURES, NAMES, say_mean, say_number
from nlptrain.search.results import SearchTrial, values_of
from nlptrain.search.run import Found
from nlptrain.search.study import gain, objectives_of

SURE = 0.9
"""Confidence of an interval, below which it claims nothing: that of five seeds and more."""


def answer_sentences(found: Found) -> list[str]:
    """Describe what the search came to, the most important first."""
    return [
        _say_gain(found),
        *_say_finalists(found),
        *_say_luck(found),
        *_say_front(found),
        *_say_linear(found.final),
        _count_trials(found.trials),
    ]


def _say_gain(found: Found) -> str:
    final, seeds = found.final, count(len(found.final.seeds), "fresh seed")
    measure = MEASURES[final.measure]
    given = say_mean(final.measure, final.given)
    if found.chosen.given:
        return (
            "No trial was better than the config as given, which has a test "
            f"{measure} of {given} on {seeds}, with the lowest and the highest in brackets."
        )
    return (
        f"What was found has a test {measure} of {say_mean(final.measure, final.found)} on "
        f"{seeds}, the config as given {given}: {_say_difference(final)}."
    )


def _say_difference(final: Final) -> str:
    gain = final.gain
    amount = f"{'+' * (gain.value > 0)}{_points(final.measure, gain.value)}"
    if final.confidence < SURE:
        return f"{amount}, on too few seeds to tell from chance"
    low, high = (_points(final.measure, end) for end in (gain.low, gain.high))
    low = low.removesuffix(" points")
    interval = f"{amount}, {100 * final.confidence:.0f} % interval {low} to {high}"
    if gain.low > 0:
        return f"better by {interval}"
    return f"worse: {interval}" if gain.high < 0 else f"{interval}, which may be chance"


def _say_finalists(found: Found) -> list[str]:
    """Describe how those did that were trained on other seeds."""
    if not found.finalists:
        return []
    best, score = found.finalists[0], objectives_of(found.config)[0]
    others = [finalist for finalist in found.finalists if not finalist.trial.given]
    given = next((each for each in found.finalists if each.trial.given), None)
    trials = "trial" if len(others) == 1 else count(len(others), "trial")
    sentence = (
        f"Trained again on {count(len(best.scores), 'other seed')}, the best "
        f"{trials}{' and the config as given' * (given is not None)} were "
        f"compared once more on validation: {'the config as given' * best.trial.given or 'this'} "
        f"had the best mean {MEASURES[score]}, {say_number(score, best.mean)}"
    )
    if best.trial.given or given is None:
        return [f"{sentence}."]
    return [f"{sentence}, the config as given {say_number(score, given.mean)}."]


def _say_luck(found: Found) -> list[str]:
    """Hold what the search saw on validation against what fresh seeds leave of it."""
    promise = find_promise(found)
    if promise is None:
        return []
    seen, kept = promise
    score = objectives_of(found.config)[0]
    sentence = (
        f"On validation it was {_describe_change(score, seen)} in the search, and is "
        f"{_describe_change(score, kept)} on fresh seeds"
    )
    if seen <= 0:
        return [f"{sentence}."]
    luck = f"{_points(score, seen - kept)} were" if seen > kept else "none of it was"
    return [f"{sentence}: {luck} luck of the search."]


def _describe_change(score: str, value: float) -> str:
    if value == 0:
        return "no better"
    return f"{'better' if value > 0 else 'worse'} by {_points(score, abs(value))}"


def find_promise(found: Found) -> tuple[float, float] | None:
    """Return by how much the settings found were better on validation: in the search, and later.

    None where they are those given, or where the config as given was not trained to its end.
    """
    given = next((t for t in found.trials if t.given and t.state == "finished"), None)
    if found.chosen.given or given is None:
        return None
    score = objectives_of(found.config)[0]
    seen = gain(score, values_of(found.config, found.chosen)[0], values_of(found.config, given)[0])
    return seen, gain(score, found.final.found_validation, found.final.given_validation)


def _say_front(found: Found) -> list[str]:
    names = objectives_of(found.config)
    if len(names) == 1:
        return []
    taken = values_of(found.config, found.chosen)
    described = ", ".join(
        f"{NAMES[name]} {say_number(name, value)}" for name, value in zip(names, taken, strict=True)
    )
    return [
        f"{len(found.front)} of the trials are beaten by no other in both objectives; taken is "
        f"the {'best' if found.config.search.prefer == 'best' else 'smallest that is as good'}: "
        f"{described}."
    ]


def _say_linear(final: Final) -> list[str]:
    linear = final.linear
    if linear is None:
        return []
    if final.measure == "macro_f1":
        return [f"A linear model on n-grams has a test macro F1 of {100 * linear.macro_f1:.2f} %."]
    low, high = wilson(round(linear.accuracy * linear.strings), linear.strings)
    return [
        f"A linear model on n-grams has a test accuracy of {100 * linear.accuracy:.2f} %, 95 % "
        f"interval {100 * float(low):.2f} to {100 * float(high):.2f} (Wilson)."
    ]


def _count_trials(trials: Sequence[SearchTrial]) -> str:
    counts = Counter(trial.state for trial in trials)
    states = ", ".join(f"{count} {state}" for state, count in counts.items())
    repeated = sum(trial.repeats is not None for trial in trials)
    taken = f"; {repeated} had the config of an earlier one and took its result" * bool(repeated)
    return f"{len(trials)} trials: {states}{taken}."


def _points(score: str, value: float) -> str:
    text = f"{value:.3g}" if score == "loss" else f"{100 * value:.2f} points"
    return text.replace("-", "−")


def report_json(found: Found) -> dict[str, Any]:
    """Convert a search to plain data, without times: the same however often it runs."""
    promise = find_promise(found)
    data = {
        "answer": answer_sentences(found),
        "protocol": found.protocol,
        "chosen": found.chosen.number,
        "front": [trial.number for trial in found.front],
        "finalists": [
            {"trial": each.trial.number, "scores": each.scores} for each in found.finalists
        ],
        "final": asdict(found.final),
        "gain_in_search": promise[0] if promise else None,
        "gain_on_fresh_seeds": promise[1] if promise else None,
        "trials": [_plain(trial) for trial in found.trials],
    }
    return {key: finite(value) for key, value in data.items()}


def _plain(trial: SearchTrial) -> dict[str, Any]:
    data = asdict(trial)
    if data["result"] is not None:
        del data["result"]["seconds"]
    return data
