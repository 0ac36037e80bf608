"""The answer of a comparison: first in sentences, then as rows of a table, and as plain data."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from nlptrain.comparison.report.claims import claim_sentences
from nlptrain.comparison.report.rules import protocol_statements
from nlptrain.comparison.results import Results
from nlptrain.comparison.statistics.differences import pair_differences, say_difference
from nlptrain.comparison.statistics.summary import Standing, rank_contestants
from nlptrain.comparison.statistics.wording import (
    enumerate_names,
    loss,
    percent,
    say_settings,
    short_percent,
)
from nlptrain.files.storage import finite


def answer_sentences(results: Results) -> list[str]:
    """Describe what the comparison found, the most important first."""
    standings = rank_contestants(results)
    if all(each.diverged == each.trials for each in standings):
        return ["Every final trial diverged: nothing can be said. Try smaller learning rates."]
    return [
        *claim_sentences(results, standings),
        *_say_baseline(results, standings),
        *_say_target(results, standings),
        *_say_diverged(standings),
        *_say_edges(standings),
    ]


def ranking_rows(results: Results) -> list[tuple[str, ...]]:
    """Write a row a contestant, the best first.

    Returns:
        Rank, name, the other tuned settings where anybody has some, learning rate, validation
        accuracy at a quarter and at half of the steps, test accuracy, test loss, steps to the
        target, diverged.
    """
    return [
        (
            str(standing.rank),
            standing.contestant,
            *([say_settings(standing.settings) or "–"] if results.protocol.tunes_more else ()),
            show_rate(standing),
            *map(short_percent, standing.early),
            percent(standing.test_accuracy),
            loss(standing.test_loss),
            show_steps(standing),
            f"{standing.diverged} of {standing.trials}",
        )
        for standing in rank_contestants(results)
    ]


def show_rate(standing: Standing) -> str:
    """Write the learning rate, and whether it is the last that was tried on its side."""
    edge = f" ({standing.edge} edge)" if standing.edge else ""
    return f"{standing.learning_rate:.3g}{edge}"


def show_steps(standing: Standing) -> str:
    """Write how many reached the target and the median of their steps: `4 of 5, 120`."""
    reach = standing.reach
    median = "" if reach.steps is None else f", {reach.steps:,.0f}"
    return f"{reach.reached} of {reach.trials}{median}"


def show_seconds(standing: Standing) -> str:
    """Write how many reached the target and the median of their seconds: `4 of 5, 0.82`."""
    reach = standing.reach
    median = "" if reach.seconds is None else f", {reach.seconds:.3g}"
    return f"{reach.reached} of {reach.trials}{median}"


def adam_rows(results: Results) -> list[tuple[str, ...]]:
    """Write a row for each Adam by hand and precision; none where PyTorch's took no part.

    Returns:
        Who, precision, difference after the first step and after the last, milliseconds a step of
        it and of PyTorch's.
    """
    return [
        (
            f"by hand in {adams.by_hand}",
            adams.dtype,
            f"{adams.differences[0]:.1e}",
            f"{adams.differences[-1]:.1e}",
            _show_milliseconds(adams.seconds_per_step),
            _show_milliseconds(adams.reference_seconds_per_step),
        )
        for adams in results.adams
    ]


def _show_milliseconds(seconds: float) -> str:
    return "–" if math.isnan(seconds) else f"{1e3 * seconds:.2f}"


def comparison_json(results: Results) -> dict[str, Any]:
    """Convert the comparison to plain data without any time: the same however often it runs."""
    data = {
        "protocol": asdict(results.protocol),
        "rules": {rule.id: rule.text for rule in protocol_statements(results.protocol)},
        "answer": answer_sentences(results),
        "ranking": [_plain_standing(standing) for standing in rank_contestants(results)],
        "differences": [
            {**asdict(difference), "sentence": say_difference(difference)}
            for difference in pair_differences(results)
        ],
        "trials": timeless_trials(results),
        "adams": [
            {key: getattr(adams, key) for key in ("by_hand", "dtype", "differences")}
            for adams in results.adams
        ],
    }
    return {key: finite(value) for key, value in data.items()}


def timeless_trials(results: Results) -> list[dict[str, Any]]:
    """Convert every trial to plain data, without its seconds."""
    return [
        {key: value for key, value in trial.to_json().items() if key != "seconds"}
        for trial in results.trials
    ]


def _plain_standing(standing: Standing) -> dict[str, Any]:
    data = asdict(standing)
    del data["reach"]["seconds"]
    return data


def _say_baseline(results: Results, standings: Sequence[Standing]) -> list[str]:
    """Name who does no better than a constant answer, where all others do beyond chance."""
    majority = results.protocol.majority
    below = {each.contestant for each in standings if not each.test_accuracy.value > majority}
    sentence = f"Always saying the most frequent class would score {100 * majority:.2f} %"
    if not below:
        return [f"{sentence}."]
    if len(below) == len(standings):
        return [f"{sentence}: no contestant did better."]
    better = {
        (pair.first, pair.second) for pair in pair_differences(results) if pair.verdict == "better"
    }
    above = [each.contestant for each in standings if each.contestant not in below]
    if all((winner, loser) in better for winner in above for loser in below):
        names = [each.contestant for each in standings if each.contestant in below]
        return [f"{sentence}: {enumerate_names(names)} did no better."]
    return [f"{sentence}: that not every contestant does better is not ruled out."]


def _say_target(results: Results, standings: Sequence[Standing]) -> list[str]:
    """Count the trials that reached the target; of each contestant, the table does."""
    target = f"{100 * results.protocol.target_accuracy:.4g} % validation accuracy"
    reached = sum(each.reach.reached for each in standings)
    trials = sum(each.trials for each in standings)
    if not reached:
        return [f"No trial reached the target of {target}."]
    return [f"{reached} of {trials} final trials reached the target of {target}."]


def _say_diverged(standings: Sequence[Standing]) -> list[str]:
    counts = [
        f"{each.diverged} of {each.trials} of {each.contestant}"
        for each in standings
        if each.diverged
    ]
    return [f"Final trials diverged: {enumerate_names(counts)}."] if counts else []


def _say_edges(standings: Sequence[Standing]) -> list[str]:
    names = [each.contestant for each in standings if each.edge]
    if not names:
        return []
    return [
        f"The best learning rate of {enumerate_names(names)} is the last that was tried on its "
        "side: a better one may lie beyond."
    ]
