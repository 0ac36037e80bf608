"""The rules of a comparison in plain sentences, each made from the protocol's own numbers.

A report that states more than the code does is worse than none: for each statement's id there is
a test that fails where the code does otherwise.
"""

from dataclasses import dataclass

from nlptrain.comparison.results import Protocol
from nlptrain.comparison.statistics.measure import PENALTY
from nlptrain.comparison.statistics.sign_flips import (
    DRAWN_FLIPS,
    ERROR,
    EXACT_UP_TO,
    fewest_seeds,
)

_SCORE_NAMES = {"accuracy": "accuracy", "macro_f1": "macro F1", "loss": "loss"}
_READING = {"data", "text", "seed"}
_SHAPING = {"model", *_READING}


@dataclass(frozen=True)
class Statement:
    """One rule.

    Attributes:
        id: Short and lasting: what a test of the rule is found by.
        text: A sentence.
    """

    id: str
    text: str


def protocol_statements(protocol: Protocol) -> list[Statement]:
    """State every rule of the comparison, in the order in which it happens."""
    tuning = _tuning(protocol) if protocol.tuning_seeds else _no_tuning()
    return [*_sameness(protocol), *tuning, *_final(protocol), *_reckoning(protocol)]


def _sameness(protocol: Protocol) -> list[Statement]:
    """State what all trials share, as far as no contestant sets it."""
    varied = {path.split(".")[0] for each in protocol.contestants for path in each.settings}
    networks = ", as far as their networks have the same shapes" * bool(varied & _SHAPING)
    settings = ", as far as their own settings do not say otherwise" * bool(varied - {"optimizer"})
    data = ", as far as its contestant's settings do not say otherwise" * bool(varied & _READING)
    return [
        Statement(
            "same-start",
            "At a seed, every trial starts from the same initial parameters, whatever its "
            f"contestant and learning rate{networks}.",
        ),
        Statement(
            "same-batches",
            "At a seed, all trials see the same batches in the same order, with the same dropout"
            f"{settings}.",
        ),
        Statement(
            "same-data",
            "The training, validation and test examples are the same for every trial; "
            f"a trial's seed does not change them{data}.",
        ),
    ]


def _tuning(protocol: Protocol) -> list[Statement]:
    score = _SCORE_NAMES[protocol.tuned_by]
    best = "lowest" if protocol.tuned_by == "loss" else "highest"
    tie = "" if protocol.tuned_by == "loss" else "; the lower validation loss breaks ties"
    return [
        Statement("tuning-budget", _budget(protocol)),
        Statement("grid-widened", _widening(protocol)),
        Statement(
            "tuned-on-validation",
            f"Of each contestant's learning rates, the one on which the fewest trials diverged is "
            f"chosen, and among those the one with the {best} mean validation {score}, each trial "
            f"counting with its best evaluation{tie}.",
        ),
    ]


def _budget(protocol: Protocol) -> str:
    sizes = sorted({len(contestant.grid) for contestant in protocol.contestants})
    seeds = _count(len(protocol.tuning_seeds), "seed")
    if len(sizes) == 1:
        rates = _count(sizes[0], "learning rate")
        trials = _count(sizes[0] * len(protocol.tuning_seeds), "trial")
        return (
            f"Every contestant has the same tuning budget at first: {rates} × {seeds}, {trials}; "
            f"the tuning seeds are {_listing(protocol.tuning_seeds)}."
        )
    return (
        f"The contestants' tuning budgets differ: {sizes[0]} to "
        f"{_count(sizes[-1], 'learning rate')}, each × {seeds}; "
        f"the tuning seeds are {_listing(protocol.tuning_seeds)}."
    )


def _widening(protocol: Protocol) -> str:
    if not protocol.max_widenings:
        return (
            "No learning rate is added to a contestant's grid, even where the best is at its end."
        )
    return (
        "Where a contestant's best learning rate is the lowest or the highest that was tried, "
        "another is added beyond it, and tried on the same tuning seeds: "
        f"at most {protocol.max_widenings} beyond each end of its grid."
    )


def _no_tuning() -> list[Statement]:
    return [
        Statement(
            "no-tuning",
            "Nothing is tuned: every contestant is trained with the settings that were given.",
        )
    ]


def _final(protocol: Protocol) -> list[Statement]:
    seeds = f"{_count(len(protocol.final_seeds), 'seed')} ({_listing(protocol.final_seeds)})"
    fresh = "; none of them was used for tuning" if protocol.tuning_seeds else ""
    chosen = " at its chosen learning rate" if protocol.tuning_seeds else ""
    read = ", after all tuning," if protocol.tuning_seeds else ""
    return [
        Statement(
            "final-seeds",
            f"What is reported comes from training each contestant{chosen} on {seeds}{fresh}.",
        ),
        Statement(
            "test-read-once",
            f"The test split is read once a final trial{read} by the network of its best "
            "validation evaluation; nothing is chosen by it.",
        ),
        Statement(
            "target-fixed",
            f"The target, a validation accuracy of {100 * protocol.target_accuracy:.4g} %, was "
            "fixed before anything was trained. A trial reaches it at its first evaluation with "
            "at least that accuracy.",
        ),
    ]


def _reckoning(protocol: Protocol) -> list[Statement]:
    return [
        Statement(
            "misses-counted",
            "A trial that misses the target is counted, and is in no median of steps or seconds; "
            "in the performance profile its steps are infinite.",
        ),
        Statement(
            "diverged-counted",
            "A trial whose loss stops being a finite number has diverged. It is counted and "
            "shown, misses the target, and is in no mean that is shown: those are over the other "
            "trials.",
        ),
        Statement(
            "ranges",
            "Beside a contestant's own mean stand its lowest and its highest seed; they decide "
            "nothing.",
        ),
        Statement("compared-by", _compared_by(protocol)),
        Statement(
            "failures-count",
            "Where contestants are compared, every final seed counts: a diverged trial with a test "
            f"accuracy of 0, a missed target as {PENALTY} times the most steps of any final trial, "
            f"and the test loss of a diverged trial as {PENALTY} times the highest of any other.",
        ),
        Statement("differences-paired", _testing(protocol)),
        Statement("family", _family(protocol)),
        Statement(
            "negligible",
            "A difference is negligible up to "
            f"{100 * protocol.negligible_accuracy:.4g} points of accuracy or "
            f"{100 * protocol.negligible_steps:.4g} % of the steps, fixed beforehand. Two "
            "contestants are practically equal where the whole interval is within that, and one "
            "is better only where the mean difference is more.",
        ),
        Statement(
            "ranking",
            "A contestant's rank is 1 more than the number of contestants that are better. Those "
            "that share a rank stand in the order of the config.",
        ),
    ]


def _compared_by(protocol: Protocol) -> str:
    if protocol.rank_by != "auto":
        score = {"accuracy": "test accuracy", "steps": "steps to the target", "loss": "test loss"}
        return f"All contestants are compared by {score[protocol.rank_by]}, as the config asks."
    return (
        "Two contestants that both solve the task are compared by steps to the target, any others "
        "by test accuracy. To solve it, every final trial must reach the target and score at least "
        f"{100 * (1 - protocol.negligible_accuracy):.4g} % on the test."
    )


def _testing(protocol: Protocol) -> str:
    count = len(protocol.final_seeds)
    flips = f"all {2**count:,}" if count <= EXACT_UP_TO else f"{DRAWN_FLIPS:,} random"
    return (
        "Two contestants are compared seed by seed: by the mean difference over the seeds, of "
        "steps the mean logarithm of their ratio. Its p-value is the share of sign flips of these "
        f"differences, {flips} of them, that give a mean as far from zero, and its interval holds "
        "the differences that the same test does not refuse (Hartigan 1969)."
    )


def _family(protocol: Protocol) -> str:
    contestants = len(protocol.contestants)
    pairs = contestants * (contestants - 1) // 2
    return (
        f"One contestant is called better where p, by Holm's correction over {_pairs(pairs)}, is "
        f"at most {ERROR:g}: where none is, any is called better in at most {ERROR:.0%} of "
        "comparisons. A pair's interval has the confidence of its step in that correction, at "
        f"least {1 - ERROR:.0%}. That takes {fewest_seeds(pairs)} seeds or more"
        f"{_too_few(protocol, pairs)}."
    )


def _pairs(pairs: int) -> str:
    return f"all {pairs} pairs" if pairs != 1 else "the only pair"


def _too_few(protocol: Protocol, pairs: int) -> str:
    count = len(protocol.final_seeds)
    return f"; with {count} here, none is" if count < fewest_seeds(pairs) else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _listing(seeds: tuple[int, ...]) -> str:
    """Write seeds: `3`, `0, 7, 9`, or as a range where they are one."""
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(map(str, seeds))
