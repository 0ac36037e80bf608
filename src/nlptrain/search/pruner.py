"""Optuna's pruner, for studies in which processes die."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna import Study
    from optuna.pruners import BasePruner
    from optuna.trial import FrozenTrial


@dataclass(frozen=True)
class LivingPruner:
    """Asks another pruner, without showing it trials that were given up.

    Such a trial is trained again, and its scores so far would count twice.

    Attributes:
        pruner: Optuna's.
    """

    pruner: "BasePruner"

    def prune(self, study: "Study", trial: "FrozenTrial") -> bool:
        """Return whether to end a trial."""
        living: Any = _Living(study)
        return self.pruner.prune(living, trial)


class _Living:
    """A study without failed trials."""

    def __init__(self, study: "Study") -> None:
        self._study = study

    def __getattr__(self, name: str) -> Any:
        return getattr(self._study, name)

    def get_trials(self, *arguments: Any, **options: Any) -> "list[FrozenTrial]":
        """Return the others, as Optuna does."""
        trials = self._study.get_trials(*arguments, **options)
        return [trial for trial in trials if trial.state.name != "FAIL"]
