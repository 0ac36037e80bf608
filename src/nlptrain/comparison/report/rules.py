"""The rules of a comparison in plain sentences, each made from the protocol's own numbers.

A report that states more than the code does is worse than none: for each statement's id there is
a test that fails where the code does otherwise.
"""

import math
from dataclasses import dataclass

from nlptrain.comparison.results import Contestant, Protocol
from nlptrain.comparison.statistics.differences import FEWEST_SEEDS
from nlptrain.comparison.statistics.student import BOOTSTRAP_SEED, CONFIDENCE, RESAMPLES

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
    paths = [path for each in protocol.contestants for path in each.settings]
    # A schedule changes how far each step goes, and nothing that is seen.
    varied = {path.split(".")[0] for path in paths if not path.startswith("training.schedule")}
    networks = ", as far as their networks have the same shapes" * bool(varied & _SHAPING)
    settings = ", as far as their own settings do not say otherwise" * bool(varied - {"optimizer"})
    data = ", as far as its contestant's settings do not say otherwise" * bool(varied & _READING)
    return [
        Statement(
            "same-start",
            "At a seed, every trial starts from the same initial parameters, whatever its "
            f"contestant and {_tried(protocol)}{networks}.",
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
        *_draws(protocol),
        Statement("grid-widened", _widening(protocol)),
        Statement(
            "tuned-on-validation",
            f"Of each contestant's {_tried(protocol)}s, the one on which the fewest trials "
            f"diverged is chosen, and among those the one with the {best} mean validation {score}, "
            f"each trial counting with its best evaluation{tie}.",
        ),
    ]


def _budget(protocol: Protocol) -> str:
    sizes = sorted({len(contestant.candidates) for contestant in protocol.contestants})
    seeds = _count(len(protocol.tuning_seeds), "seed")
    if len(sizes) == 1:
        rates = _count(sizes[0], _tried(protocol))
        trials = _count(sizes[0] * len(protocol.tuning_seeds), "trial")
        return (
            f"Every contestant has the same tuning budget at first: {rates} × {seeds}, {trials}; "
            f"the tuning seeds are {_listing(protocol.tuning_seeds)}."
        )
    return (
        f"The contestants' tuning budgets differ: {sizes[0]} to "
        f"{_count(sizes[-1], _tried(protocol))}, each × {seeds}; "
        f"the tuning seeds are {_listing(protocol.tuning_seeds)}."
    )


def _tried(protocol: Protocol) -> str:
    """Name what is tried: a setting is a learning rate with values of other settings."""
    return "setting" if protocol.tunes_more else "learning rate"


def _draws(protocol: Protocol) -> list[Statement]:
    """State how many of all settings are tried, and how they are found."""
    tuned = [each for each in protocol.contestants if each.tune]
    if not tuned:
        return []
    sentences = " ".join(map(_draw, tuned))
    return [
        Statement(
            "settings-drawn",
            "A setting is a learning rate with values of all other settings that a contestant "
            f"tunes. {sentences} Settings that are not all tried are drawn at random (seed "
            f"{protocol.tuning_seeds[0]}), none twice, each learning rate and each value about "
            "equally often; the best of them need not be the best of all.",
        )
    ]


def _draw(contestant: Contestant) -> str:
    sizes = [len(values) for values in contestant.tune.values()]
    total = len(contestant.grid) * math.prod(sizes)
    values = " × ".join(
        f"{size} of {name}" for name, size in zip(contestant.tune, sizes, strict=True)
    )
    tried = len(contestant.candidates)
    share = f"all {total}" if tried == total else f"{tried} of {total}"
    rates = _count(len(contestant.grid), "learning rate")
    return f"{contestant.name}: {share} are tried ({rates} × {values})."


def _widening(protocol: Protocol) -> str:
    if not protocol.max_widenings:
        return (
            "No learning rate is added to a contestant's grid, even where the best is at its end."
        )
    same = ", with the other settings of the best" if protocol.tunes_more else ""
    return (
        "Where a contestant's best learning rate is the lowest or the highest that was tried, "
        f"another is added beyond it{same}, and tried on the same tuning seeds: "
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
    chosen = f" at its chosen {_tried(protocol)}" if protocol.tuning_seeds else ""
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
            "shown, misses the target, and is in no mean: means are over the other trials.",
        ),
        Statement(
            "ranking",
            "Contestants are ranked by fewest diverged final trials, then by mean test accuracy, "
            "then by mean test loss; equal results share a rank.",
        ),
        Statement(
            "intervals",
            f"Intervals of {CONFIDENCE:.0%} are by bootstrap over seeds: {RESAMPLES:,} resamples "
            f"from random seed {BOOTSTRAP_SEED}, expanded percentiles (Hesterberg 2015), which "
            "make up for few seeds.",
        ),
        Statement(
            "differences-paired",
            "Two contestants are compared seed by seed, on the seeds where neither diverged: by "
            "test accuracy, and by test loss where the accuracies are equal on every seed. One "
            "is called better where the interval of the mean difference leaves out zero, with "
            f"at least {FEWEST_SEEDS} seeds{_too_few(protocol)}.",
        ),
    ]


def _too_few(protocol: Protocol) -> str:
    count = len(protocol.final_seeds)
    return f"; with {count} here, none is" if count < FEWEST_SEEDS else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _listing(seeds: tuple[int, ...]) -> str:
    """Write seeds: `3`, `0, 7, 9`, or as a range where they are one."""
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(map(str, seeds))
