"""What the final trials of each contestant come to, and in which order they stand."""

from dataclasses import dataclass, field
from typing import Any

from nlptrain.comparison.results import Results, TrialRecord
from nlptrain.comparison.statistics.differences import pair_differences
from nlptrain.comparison.statistics.early import early_accuracies, find_budget
from nlptrain.comparison.statistics.intervals import Mean, mean_and_range
from nlptrain.comparison.statistics.sensitivity import Edge, edge_of
from nlptrain.comparison.statistics.target import Reach, reach_of


@dataclass(frozen=True)
class Standing:
    """One contestant's final trials, taken together.

    A diverged trial is counted, and is in none of the means.

    Attributes:
        rank: 1 more than the contestants that are better beyond chance, and not negligibly.
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
        early: Mean validation accuracy at each of `early.SHARES` of the steps, of the others.
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
    early: tuple[float, ...] = ()


def finished_trials(results: Results, contestant: str) -> list[TrialRecord]:
    """Return the contestant's final trials that have a score and did not diverge."""
    return [
        trial
        for trial in results.of(contestant, "final")
        if not trial.diverged and trial.best is not None
    ]


def rank_contestants(results: Results) -> list[Standing]:
    """Order by how many contestants are better beyond chance; the best first.

    Those that share a rank stay in the config's order: that of their means would be read as a
    claim.
    """
    losers = [pair.second for pair in pair_differences(results) if pair.verdict == "better"]
    standings = [
        _stand(results, contestant.name, 1 + losers.count(contestant.name))
        for contestant in results.protocol.contestants
    ]
    return sorted(standings, key=lambda standing: standing.rank)


def _stand(results: Results, contestant: str, rank: int) -> Standing:
    trials = results.of(contestant, "final")
    kept = finished_trials(results, contestant)
    return Standing(
        rank=rank,
        contestant=contestant,
        learning_rate=results.chosen[contestant],
        edge=edge_of(results, contestant),
        trials=len(trials),
        diverged=sum(trial.diverged for trial in trials),
        test_accuracy=mean_and_range([trial.test_score("accuracy") for trial in kept]),
        test_loss=mean_and_range([trial.test_score("loss") for trial in kept]),
        validation_accuracy=mean_and_range([trial.validation_score("accuracy") for trial in kept]),
        validation_loss=mean_and_range([trial.validation_score("loss") for trial in kept]),
        reach=reach_of(results, contestant),
        settings=results.chosen_settings.get(contestant, {}),
        early=early_accuracies(kept, find_budget(results)),
    )
