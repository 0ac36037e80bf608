"""The answer of a comparison: first in sentences, then as rows of a table, and as plain data."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from nlptrain.comparison.report.plain_data import finite, timeless_trials
from nlptrain.comparison.report.rules import protocol_statements
from nlptrain.comparison.results import Results
from nlptrain.comparison.statistics.differences import (
    Difference,
    Verdict,
    pair_differences,
    say_difference,
)
from nlptrain.comparison.statistics.summary import Standing, rank_contestants
from nlptrain.comparison.statistics.wording import (
    enumerate_names,
    loss,
    percent,
    say_settings,
)


def answer_sentences(results: Results) -> list[str]:
    """Describe what the comparison found, the most important first."""
    standings = rank_contestants(results)
    if standings[0].diverged == standings[0].trials:
        return ["Every final trial diverged: nothing can be said. Try smaller learning rates."]
    return [
        _say_first(results, standings),
        *_say_others(results, standings[0].contestant),
        *_say_baseline(results, standings),
        *_say_fastest(results, standings),
        *_say_diverged(standings),
        *_say_edges(standings),
    ]


def ranking_rows(results: Results) -> list[tuple[str, ...]]:
    """Write a row a contestant, the best first.

    Returns:
        Rank, name, the other tuned settings where anybody has some, learning rate, test accuracy,
        test loss, steps to the target, diverged.
    """
    return [
        (
            str(standing.rank),
            standing.contestant,
            *([say_settings(standing.settings) or "–"] if results.protocol.tunes_more else ()),
            show_rate(standing),
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
            f"{1e3 * adams.seconds_per_step:.2f}",
            f"{1e3 * adams.reference_seconds_per_step:.2f}",
        )
        for adams in results.adams
    ]


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


def _plain_standing(standing: Standing) -> dict[str, Any]:
    data = asdict(standing)
    del data["reach"]["seconds"]
    return data


def _say_first(results: Results, standings: Sequence[Standing]) -> str:
    first = standings[0]
    names = enumerate_names([each.contestant for each in standings if each.rank == 1])
    share = "s" if standings[1:2] == [] or standings[1].rank > 1 else ""
    place = f"rank{share} first{'' if share else ' together'}"
    chosen = ", ".join(filter(None, [f"{first.learning_rate:.3g}", say_settings(first.settings)]))
    rate = f" at learning rate {chosen}" if results.protocol.tuning_seeds else ""
    seeds = f"{first.trials - first.diverged} seed{'s' * (first.trials - first.diverged != 1)}"
    return f"{names} {place}{rate * bool(share)}: test accuracy {percent(first.test_accuracy)} " + (
        f"over {seeds}, {first.diverged} of {first.trials} diverged."
    )


def _say_others(results: Results, first: str) -> list[str]:
    """Group the others by how the first compares with them."""
    pairs = [each for each in pair_differences(results) if first in (each.first, each.second)]
    seeds = f"{len(results.protocol.final_seeds)} seeds"
    forms: dict[Verdict, str] = {
        "first better": "It is better than {}.",
        "not seen": f"No difference between it and {{}} can be seen with {seeds}.",
        "too few": "Too few seeds are left to tell whether it differs from {}.",
        "second better": "On the seeds where none of the two diverged, it is worse than {}.",
        "none": "No seed is left to compare it with {}.",
    }
    groups = {verdict: _others(pairs, verdict, first) for verdict in forms}
    return [form.format(groups[verdict]) for verdict, form in forms.items() if groups[verdict]]


def _others(pairs: Sequence[Difference], verdict: Verdict, first: str) -> str:
    return enumerate_names(
        [
            pair.second if pair.first == first else pair.first
            for pair in pairs
            if pair.verdict == verdict
        ]
    )


def _say_baseline(results: Results, standings: Sequence[Standing]) -> list[str]:
    majority = results.protocol.majority
    below = [each.contestant for each in standings if each.test_accuracy.value <= majority]
    sentence = f"Always saying the most frequent class would score {100 * majority:.2f} %"
    if below:
        return [f"{sentence}: {enumerate_names(below)} did no better."]
    return [f"{sentence}."]


def _say_fastest(results: Results, standings: Sequence[Standing]) -> list[str]:
    target = f"{100 * results.protocol.target_accuracy:.4g} % validation accuracy"
    all_reached = [each for each in standings if each.reach.reached == each.trials]
    if not any(each.reach.reached for each in standings):
        return [f"No trial reached the target of {target}."]
    if not all_reached:
        return [f"No contestant reached the target of {target} on every seed."]
    fewest = min(each.reach.steps or 0 for each in all_reached)
    names = enumerate_names([each.contestant for each in all_reached if each.reach.steps == fewest])
    return [
        f"Of those that reached {target} on every seed, {names} needed the fewest steps "
        f"(median {fewest:,.0f})."
    ]


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
