"""The rules by which settings are tried and chosen."""

import math

from nlptrain.comparison.report.statement import Statement, count, list_seeds, name_tried
from nlptrain.comparison.results import Contestant, Protocol

_SCORE_NAMES = {"accuracy": "accuracy", "macro_f1": "macro F1", "loss": "loss"}


def tuning_rules(protocol: Protocol) -> list[Statement]:
    """State how each contestant's settings are chosen."""
    return _tuning(protocol) if protocol.tuning_seeds else _no_tuning()


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
            f"Of each contestant's {name_tried(protocol)}s, the one on which the fewest trials "
            f"diverged is chosen, and among those the one with the {best} mean validation {score}, "
            f"each trial counting with its best evaluation{tie}.",
        ),
    ]


def _budget(protocol: Protocol) -> str:
    sizes = sorted({len(contestant.candidates) for contestant in protocol.contestants})
    seeds = count(len(protocol.tuning_seeds), "seed")
    if len(sizes) == 1:
        rates = count(sizes[0], name_tried(protocol))
        trials = count(sizes[0] * len(protocol.tuning_seeds), "trial")
        return (
            f"Every contestant has the same tuning budget at first: {rates} × {seeds}, {trials}; "
            f"the tuning seeds are {list_seeds(protocol.tuning_seeds)}."
        )
    return (
        f"The contestants' tuning budgets differ: {sizes[0]} to "
        f"{count(sizes[-1], name_tried(protocol))}, each × {seeds}; "
        f"the tuning seeds are {list_seeds(protocol.tuning_seeds)}."
    )


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
    rates = count(len(contestant.grid), "learning rate")
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
