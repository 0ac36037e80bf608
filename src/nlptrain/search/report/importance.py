"""How much each setting matters, by Optuna's own evaluator."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlptrain.config.run import RunConfig
from nlptrain.search.study import import_optuna

if TYPE_CHECKING:
    from optuna import Study

FEWEST = 4
"""Finished trials with a setting, below which nothing is said of it."""


@dataclass(frozen=True)
class Importance:
    """One setting.

    Attributes:
        path: The setting.
        value: PED-ANOVA's: how unlike all trials the best tenth are in this setting, 0 or more.
        trials: Finished trials that have the setting.
    """

    path: str
    value: float
    trials: int


def measure_importances(config: RunConfig, study: "Study") -> list[Importance]:
    """Measure each setting by itself, on the trials that have it, the most important first.

    The evaluator is Optuna's PED-ANOVA (Watanabe et al. 2023), which needs no other package. A
    setting that exists under one type is measured on the trials of that type alone.
    """
    optuna = import_optuna()
    finished = study.get_trials(deepcopy=False, states=[optuna.trial.TrialState.COMPLETE])
    target = (lambda trial: trial.values[0]) if len(study.directions) > 1 else None
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # That it is experimental, and trials that are alike.
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        for axis in config.search.space:
            values = [each.params[axis.path] for each in finished if axis.path in each.params]
            if len(values) < FEWEST or _are_alike(values):
                continue
            measured = optuna.importance.get_param_importances(
                study, evaluator=evaluator, params=[axis.path], target=target, normalize=False
            )
            found.append(Importance(axis.path, float(measured[axis.path]), len(values)))
    return sorted(found, key=lambda each: -each.value)


def _are_alike(values: Sequence[object]) -> bool:
    return all(value == values[0] for value in values)
