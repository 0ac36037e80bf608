"""Who is better than whom, in as few sentences as it takes; nothing that chance explains."""

from collections.abc import Sequence

from nlptrain.comparison.results import Protocol, Results
from nlptrain.comparison.statistics.differences import Difference, Verdict, pair_differences
from nlptrain.comparison.statistics.measure import Measure, has_solved
from nlptrain.comparison.statistics.sign_flips import fewest_seeds
from nlptrain.comparison.statistics.summary import Standing
from nlptrain.comparison.statistics.wording import enumerate_names, percent

_BEATS: dict[Measure, str] = {
    "accuracy": "more accurate than",
    "steps": "faster than",
    "loss": "lower in test loss than",
}


def claim_sentences(results: Results, standings: Sequence[Standing]) -> list[str]:
    """State whether all solve the task, who is better than whom, and what stays open."""
    pairs = pair_differences(results)
    return [
        *_say_solved(results, pairs),
        *_say_first(results, standings, pairs),
        *_say_better(standings, pairs),
        *_say_others(results.protocol, pairs),
    ]


def say_too_few_seeds(protocol: Protocol) -> list[str]:
    """State that no difference can be shown, if so, and with how many seeds one could."""
    count, contestants = len(protocol.final_seeds), len(protocol.contestants)
    fewest = fewest_seeds(contestants * (contestants - 1) // 2)
    if contestants < 2 or count >= fewest:
        return []
    seeds = f"{count} seed{'s' * (count != 1)}"
    return [
        f"With {seeds}, no difference between {contestants} contestants can be told from chance, "
        f"however large; it takes {fewest} seeds."
    ]


def _say_solved(results: Results, pairs: Sequence[Difference]) -> list[str]:
    protocol = results.protocol
    names = [contestant.name for contestant in protocol.contestants]
    if not all(has_solved(results, name) for name in names):
        return []
    who = f"All {len(names)} contestants solve" if len(names) > 1 else f"{names[0]} solves"
    by = {"accuracy": "accuracy", "steps": "steps to the target", "loss": "test loss"}
    compared = f" They are compared by {by[pairs[0].measure]}." if pairs else ""
    return [
        f"{who} the task: every final trial scores at least "
        f"{100 * (1 - protocol.negligible_accuracy):.4g} % on the test and reaches the target of "
        f"{100 * protocol.target_accuracy:.4g} % validation accuracy.{compared}"
    ]


def _say_first(
    results: Results, standings: Sequence[Standing], pairs: Sequence[Difference]
) -> list[str]:
    first = [each for each in standings if each.rank == 1]
    seeds = f"{first[0].trials} seed{'s' * (first[0].trials != 1)}"
    if len(first) == 1:
        (best,) = first
        rate = f" at learning rate {best.learning_rate:.3g}" * bool(results.protocol.tuning_seeds)
        place = f"{best.contestant} ranks first" if pairs else best.contestant
        score = f"test accuracy {percent(best.test_accuracy)}"
        if pairs and best.reach.steps and all(pair.measure == "steps" for pair in pairs):
            score = f"a median of {best.reach.steps:,.0f} steps to the target"
        return [f"{place}{rate}: {score} over {seeds}, {best.diverged} of {best.trials} diverged."]
    if any(pair.verdict == "better" for pair in pairs):
        return [f"{enumerate_names([each.contestant for each in first])} share the first rank."]
    too_few = say_too_few_seeds(results.protocol)
    return too_few or [f"No contestant is shown to be better than another, with {seeds}."]


def _say_better(standings: Sequence[Standing], pairs: Sequence[Difference]) -> list[str]:
    """State whom each one beats; those that beat the same ones in one sentence."""
    winners: dict[str, list[str]] = {}
    for standing in standings:
        beaten = {
            measure: [
                pair.second
                for pair in pairs
                if (pair.first, pair.verdict, pair.measure)
                == (standing.contestant, "better", measure)
            ]
            for measure in _BEATS
        }
        clauses = [
            f"{_BEATS[measure]} {enumerate_names(names)}"
            for measure, names in beaten.items()
            if names
        ]
        if clauses:
            winners.setdefault(", and ".join(clauses), []).append(standing.contestant)
    return [
        f"{enumerate_names(names)} {'are each' if len(names) > 1 else 'is'} {clauses}."
        for clauses, names in winners.items()
    ]


def _say_others(protocol: Protocol, pairs: Sequence[Difference]) -> list[str]:
    """Count the pairs of which none is better, by what is known of them."""
    seeds = f"{len(protocol.final_seeds)} seeds"
    forms: dict[Verdict, str] = {
        "same": "the same on every seed",
        "equal": f"practically equal ({_bounds(protocol, pairs)})",
        "small": "different by an amount that may be negligible",
        "not seen": f"not told apart with {seeds}",
    }
    counts = {verdict: sum(pair.verdict == verdict for pair in pairs) for verdict in forms}
    if len(pairs) == 1:
        (pair,) = pairs
        both = f"{pair.first} and {pair.second}"
        return [f"{both} are {forms[pair.verdict]}."] if pair.verdict in forms else []
    return [
        f"{_count(counts[verdict], len(pairs))} {form}."
        for verdict, form in forms.items()
        if counts[verdict]
    ]


def _count(count: int, pairs: int) -> str:
    if count == pairs:
        return f"All {pairs} pairs are"
    return f"Of {pairs} pairs, {count} {'is' if count == 1 else 'are'}"


def _bounds(protocol: Protocol, pairs: Sequence[Difference]) -> str:
    sizes = {
        "accuracy": f"{100 * protocol.negligible_accuracy:.4g} points of accuracy",
        "steps": f"{100 * protocol.negligible_steps:.4g} % of the steps",
    }
    measures = {pair.measure for pair in pairs if pair.verdict == "equal"}
    return "they differ by less than " + " or ".join(
        size for measure, size in sizes.items() if measure in measures
    )
