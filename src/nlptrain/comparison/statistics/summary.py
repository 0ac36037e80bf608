"""What the final trials of each contestant come to, and in which order they stand."""

import math
from dataclasses import dataclass, field
from typing import Any

from nlptrain.comparison.results import Results, TrialRecord
from nlptrain.comparison.statistics.intervals import Mean, bootstrap_mean
from nlptrain.comparison.statistics.sensitivity import Edge, edge_of
from nlptrain.comparison.statistics.target import Reach, reach_of


@dataclass(frozen=True)
class Standing:
    """One contestant's final trials, taken together.

    A diverged trial is counted, and is in none of the means.

    Attributes:
        rank: From 1; equal results share a rank.
        contestant: Its name.
        learning_rate: Of its final trials.
        edge: Which end of the learning rates tried that is; None where between them.
        trials: Final trials.
        diverged: How many of them diverged.
        test_accuracy: Mean over the others.
        test_loss: Mean over the others.
        validation_accuracy: Mean over the others, at the best evaluation.
        validation_loss: Mean over the others, at the best evaluation.
        reach: How many reached the target, and how soon.
        settings: Chosen values of the other tuned settings, by name.
    """

    rank: int
    contestant: str
    learning_rate: float
    edge: Edge | None
    trials: int
    diverged: int
    test_accuracy: Mean
    test_loss: Mean
    validation_accuracy: Mean
    validation_loss: Mean
    reach: Reach
    settings: dict[str, Any] = field(default_factory=dict)


def finished_trials(results: Results, contestant: str) -> list[TrialRecord]:
    """Return the contestant's final trials that have a score and did not diverge."""
    return [
        trial
        for trial in results.of(contestant, "final")
        if not trial.diverged and trial.best is not None
    ]


def rank_contestants(results: Results) -> list[Standing]:
    """Order by fewest diverged, then mean test accuracy, then mean test loss; the best first."""
    standings = [_stand(results, contestant.name) for contestant in results.protocol.contestants]
    keys = sorted(map(_rank_key, standings))
    ranked = [
        Standing(**{**vars(standing), "rank": keys.index(_rank_key(standing)) + 1})
        for standing in standings
    ]
    return sorted(ranked, key=lambda standing: standing.rank)


def _stand(results: Results, contestant: str) -> Standing:
    """Take a contestant's final trials together; its rank is not known yet."""
    trials = results.of(contestant, "final")
    kept = finished_trials(results, contestant)
    return Standing(
        rank=0,
        contestant=contestant,
        learning_rate=results.chosen[contestant],
        edge=edge_of(results, contestant),
        trials=len(trials),
        diverged=sum(trial.diverged for trial in trials),
        test_accuracy=bootstrap_mean([_known(trial.test_accuracy) for trial in kept]),
        test_loss=bootstrap_mean([_known(trial.test_loss) for trial in kept]),
        validation_accuracy=bootstrap_mean(
            [trial.validation_accuracies[trial.best or 0] for trial in kept]
        ),
        validation_loss=bootstrap_mean(
            [trial.validation_losses[trial.best or 0] for trial in kept]
        ),
        reach=reach_of(results, contestant),
        settings=results.chosen_settings.get(contestant, {}),
    )


def _rank_key(standing: Standing) -> tuple[float, float, float]:
    """Return what contestants are sorted by; without a mean, a contestant comes last."""
    accuracy, loss = standing.test_accuracy.value, standing.test_loss.value
    return (
        standing.diverged,
        math.inf if math.isnan(accuracy) else -accuracy,
        math.inf if math.isnan(loss) else loss,
    )


def _known(score: float | None) -> float:
    return math.nan if score is None else score
