"""Callbacks through which a long computation reports to the user."""

from collections.abc import Callable
from dataclasses import dataclass

from nlptrain.reporting.reporter import Reporter


@dataclass(frozen=True, eq=False)
class Audience:
    """The callbacks of a training run or a comparison.

    Attributes:
        tell: Called with each message about the data, the text and the work.
        watch_training: Builds the live display of a training from its number of steps and epochs,
            and its name where a run has two, such as refit; None: no display.
        watch_trials: Called with a stage of a comparison, its finished trials and all its trials.
    """

    tell: Callable[[str], None] = lambda _: None
    watch_training: Callable[[int, int, str], Reporter] | None = None
    watch_trials: Callable[[str, int, int], None] = lambda *_: None
