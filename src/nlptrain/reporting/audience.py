"""Who follows a long computation: its sentences, and how far it is."""

from collections.abc import Callable
from dataclasses import dataclass

from nlptrain.reporting.reporter import Reporter


@dataclass(frozen=True, eq=False)
class Audience:
    """Who follows a training, or a comparison of many.

    Attributes:
        tell: Takes each sentence about data, text and what is done.
        watch_training: Makes the live display of a training from its steps and epochs; None for
            none.
        watch_trials: Takes a stage of a comparison, how many of its trials have finished, and how
            many there are.
    """

    tell: Callable[[str], None] = lambda _: None
    watch_training: Callable[[int, int], Reporter] | None = None
    watch_trials: Callable[[str, int, int], None] = lambda *_: None
