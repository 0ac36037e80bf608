"""What the report of a search says of how it was done, sentence by sentence."""

from nlptrain.comparison.report.statement import Statement, count, list_seeds
from nlptrain.config.search_axes import Axis, Span
from nlptrain.search.finalists import seeds_of
from nlptrain.search.report.wording import MEASURES, NAMES, say_value
from nlptrain.search.run import Found
from nlptrain.search.study import objectives_of

SUMMARY = ("budget", "final-seeds", "test-read-once")
"""Ids of the rules that a reader needs first."""
_SAMPLERS = {"tpe": "TPESampler", "random": "RandomSampler", "grid": "GridSampler"}


def search_statements(found: Found) -> list[Statement]:
    """List the rules of a search."""
    section, score = found.config.search, objectives_of(found.config)[0]
    seeds = found.final.seeds
    return [
        Statement(
            "budget",
            f"{count(len(found.trials), 'trial')} were proposed by Optuna's "
            f"{_SAMPLERS[section.sampler]}, all with seed {found.config.seed}; the first one is "
            "the config as given.",
        ),
        Statement(
            "score",
            f"A trial counts with the {NAMES[score]} of its best evaluation; nothing in the "
            "search reads the test split.",
        ),
        Statement("pruning", _pruning(found)),
        Statement(
            "repeats",
            "A trial whose config is that of an earlier one takes its result; nothing is trained "
            "twice with the same seed.",
        ),
        Statement("taken", _taken(found)),
        Statement(
            "final-seeds",
            f"What was found and the config as given are trained again with {_name_seeds(seeds)}, "
            f"none of which the search used, and compared by test {MEASURES[found.final.measure]}, "
            "seed by seed.",
        ),
        Statement(
            "test-read-once",
            "The test split is read by these final trainings alone"
            f"{', and by the linear model' if found.final.linear else ''}.",
        ),
        Statement("interval", _interval(found)),
        Statement(
            "luck",
            "Of many trials the best is in part the luckiest. The luck is what it was better by on "
            "validation in the search, less what it is better by there on fresh seeds.",
        ),
    ]


def _name_seeds(seeds: tuple[int, ...]) -> str:
    return f"seed{'s' * (len(seeds) != 1)} {list_seeds(seeds)}"


def _pruning(found: Found) -> str:
    section = found.config.search
    if section.pruner == "none" or len(objectives_of(found.config)) > 1:
        return "Every trial was trained to its end."
    return (
        "At the first evaluation after a quarter and after half of its training, a trial was ended "
        "unless it was among the best half of those that had come as far (Optuna's "
        "SuccessiveHalvingPruner)."
    )


def _taken(found: Found) -> str:
    section = found.config.search
    if section.prefer == "small":
        return (
            "Of the trials that no other beats in both objectives, the smallest is taken whose "
            f"score is within {section.tolerance:g} of the best."
        )
    if not found.finalists:
        return "The trial of the best score is taken; of equal ones that of the lower loss."
    seeds = _name_seeds(seeds_of(found.config, found.finalists))
    return (
        f"The best {section.finalists} trials, and the config as given, are trained again with "
        f"{seeds}; the one of the best mean score on validation is taken."
    )


def _interval(found: Found) -> str:
    return (
        "The interval of the difference holds the values that a test by flipping the signs of the "
        "seeds' differences does not refuse (Hartigan 1969), with a confidence of "
        f"{100 * found.final.confidence:.4g} %."
    )


def say_axis(axis: Axis) -> str:
    """Describe the values of a searched setting."""
    if not isinstance(axis, Span):
        return ", ".join(say_value(value) for value in axis.list_values())
    how = (
        ", on a logarithmic scale"
        if axis.log
        else f", in steps of {axis.step:g}"
        if axis.step
        else ""
    )
    return f"{axis.low:g} to {axis.high:g}{how}"
