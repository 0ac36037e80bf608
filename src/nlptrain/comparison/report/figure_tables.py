"""What each figure shows, in numbers: for those who cannot see it, or want to quote it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nlptrain.comparison.figures.curves import line_up
from nlptrain.comparison.figures.draw import CURVES, PROFILE, SCORES, SENSITIVITY, VALIDATION
from nlptrain.comparison.figures.scores import MEASURES, Split, final_score
from nlptrain.comparison.results import Results
from nlptrain.comparison.statistics.intervals import Mean, mean_and_range
from nlptrain.comparison.statistics.sensitivity import sensitivity_of
from nlptrain.comparison.statistics.summary import finished_trials, rank_contestants
from nlptrain.comparison.statistics.target import performance_profile, profile_at
from nlptrain.comparison.statistics.wording import loss, percent

Row = tuple[str, ...]

_MOST_STEPS = 12
_TAUS = (1.0, 1.5, 2.0, 4.0, 8.0)


@dataclass(frozen=True)
class Numbers:
    """A table of text.

    Attributes:
        header: Titles of the columns.
        rows: Cells, a contestant's name first.
    """

    header: Sequence[str]
    rows: Sequence[Row]


def figure_tables(results: Results) -> dict[str, Numbers]:
    """Write the numbers of every figure that `draw_figures` may draw, by its file name."""
    losses = ["contestant", "step", "training loss", "validation loss"]
    scores = [f"validation {name} (%)" for name in _decisive_score(results)]
    rates = ["contestant", "learning rate", *scores, "validation loss", "diverged", ""]
    ratios = [*(f"τ = {tau:g}" for tau in _TAUS), "at all"]
    return {
        SCORES: Numbers(_score_header("test"), _score_rows(results, "test")),
        VALIDATION: Numbers(_score_header("validation"), _score_rows(results, "validation")),
        CURVES: Numbers(losses, _curve_rows(results)),
        SENSITIVITY: Numbers(rates, _rate_rows(results)),
        PROFILE: Numbers(["contestant", *ratios], _profile_rows(results)),
    }


def _score_header(split: Split) -> list[str]:
    return ["contestant", "seed", f"{split} accuracy", f"{split} loss"]


def _score_rows(results: Results, split: Split) -> list[Row]:
    """List each contestant's mean and range, and below it every seed."""
    rows: list[Row] = []
    for name in (standing.contestant for standing in rank_contestants(results)):
        trials = finished_trials(results, name)
        accuracies, losses = (
            [final_score(trial, split, measure) for trial in trials] for measure in MEASURES
        )
        shares = mean_and_range([accuracy / 100 for accuracy in accuracies])
        rows.append((name, "mean", percent(shares), loss(mean_and_range(losses))))
        rows += [
            (name, str(trial.seed), f"{accuracy:.2f} %", f"{each:#.3g}")
            for trial, accuracy, each in zip(trials, accuracies, losses, strict=True)
        ]
    return rows


def _curve_rows(results: Results) -> list[Row]:
    """List the mean, the lowest and the highest loss at some of the steps, the last among them."""
    rows: list[Row] = []
    for contestant in results.protocol.contestants:
        trials = finished_trials(results, contestant.name)
        steps, training = line_up(trials, "train_losses")
        _, validation = line_up(trials, "validation_losses")
        every = -(-len(steps) // _MOST_STEPS) or 1
        for place in range((len(steps) - 1) % every, len(steps), every):
            bands = [
                _show(mean_and_range(own), "#.3g")
                for own in (training[:, place], validation[:, place])
            ]
            rows.append((contestant.name, f"{steps[place]:,}", *bands))
    return rows


def _rate_rows(results: Results) -> list[Row]:
    """List every learning rate that was tried, and which was chosen."""
    return [
        (
            contestant.name,
            f"{point.learning_rate:.3g}",
            *(_show(point.score.times(100), ".2f") for _ in _decisive_score(results)),
            _show(point.loss, "#.3g"),
            f"{point.diverged} of {point.trials}",
            "chosen" * (point.learning_rate == results.chosen[contestant.name]),
        )
        for contestant in results.protocol.contestants
        for point in sensitivity_of(results, contestant.name)
    ]


def _decisive_score(results: Results) -> list[str]:
    """Name the score that learning rates were chosen by; the loss has a column anyway."""
    names = {"accuracy": "accuracy", "macro_f1": "macro F1"}
    return [name for key, name in names.items() if key == results.protocol.tuned_by]


def _profile_rows(results: Results) -> list[Row]:
    """List the share of the seeds on which the target was reached within τ, and at all."""
    return [
        (name, *(f"{100 * profile_at(ratios, tau):.0f} %" for tau in (*_TAUS, math.inf)))
        for name, ratios in performance_profile(results).items()
    ]


def _show(band: Mean, form: str) -> str:
    """Write a mean between the lowest and the highest seed: `0.51 (0.48 to 0.55)`."""
    if math.isnan(band.value):
        return "–"
    mean, low, high = (format(value, form) for value in (band.value, band.low, band.high))
    return mean if low == high else f"{mean} ({low} to {high})"
