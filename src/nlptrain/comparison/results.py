"""What a comparison knows: its contestants, what was agreed beforehand, and how each trial went."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from nlptrain.comparison.trials.adams import AdamParity
from nlptrain.files.json_types import check_types

Stage = Literal["tuning", "final"]
RankBy = Literal["auto", "accuracy", "steps", "loss"]


@dataclass(frozen=True)
class Candidate:
    """What may be chosen for a contestant.

    Attributes:
        learning_rate: The peak of its schedule.
        settings: Values of the other tuned settings, by name, as JSON has them.
    """

    learning_rate: float
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Contestant:
    """One of the things compared.

    Attributes:
        name: Short, unlike the others'.
        settings: What sets it apart, by config path, as `{"optimizer": {"type": "sgd", …}}`;
            without the settings that are tuned, but for the learning rate.
        grid: The learning rates tried for it at first, ascending; empty where nothing is tuned.
        tune: The values to choose from of each other setting that is tuned.
        drawn: What is tried at first where more than the learning rate is tuned; else empty.
    """

    name: str
    settings: dict[str, Any]
    grid: tuple[float, ...] = ()
    tune: dict[str, Any] = field(default_factory=dict)
    drawn: tuple[Candidate, ...] = ()

    @property
    def candidates(self) -> list[Candidate]:
        """What is tried at first, by learning rate."""
        return list(self.drawn) or [Candidate(rate) for rate in self.grid]


@dataclass(frozen=True)
class Protocol:
    """What was agreed before anything was trained.

    Attributes:
        name: The config's name.
        contestants: In the order of the config or command.
        tuning_seeds: Seeds of the trials that choose the learning rate; empty: nothing is tuned.
        final_seeds: Seeds of the trials that are reported; none of them is a tuning seed.
        max_widenings: Learning rates that may be added beyond each edge of a grid.
        tuned_by: What a learning rate is chosen by, on the validation split: accuracy, macro_f1
            or loss.
        target_accuracy: Validation accuracy whose first reaching is timed.
        loss: mse, bce or cross_entropy; the latter two are in nats.
        majority: Share of the test split's most frequent class.
        data: SHA-256 of each contestant's examples and their splits, in the contestants' order.
        config: What all trials share, resolved.
        rank_by: What contestants are compared by; auto: steps where both solve the task, else
            accuracy.
        negligible_accuracy: Difference of test accuracy up to which two are practically equal.
        negligible_steps: The same of the steps to the target, as a share.
    """

    name: str
    contestants: tuple[Contestant, ...]
    tuning_seeds: tuple[int, ...]
    final_seeds: tuple[int, ...]
    max_widenings: int
    tuned_by: str
    target_accuracy: float
    loss: str
    majority: float
    data: tuple[str, ...]
    config: dict[str, Any]
    rank_by: RankBy = "auto"
    negligible_accuracy: float = 0.005
    negligible_steps: float = 0.1

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Protocol":
        """Read it from plain data.

        Raises:
            KeyError, TypeError, ValueError, AttributeError: The data is not a protocol's.
        """
        contestants = tuple(map(_read_contestant, data["contestants"]))
        protocol = cls(**{**_with_tuples(data), "contestants": contestants})
        check_types(protocol)
        return protocol

    @property
    def tunes_more(self) -> bool:
        """Whether any contestant tunes more than its learning rate."""
        return any(contestant.tune for contestant in self.contestants)


@dataclass(frozen=True)
class TrialRecord:
    """How one training went.

    Attributes:
        contestant: Its name.
        stage: Whether it chose the learning rate, or is reported.
        learning_rate: Of this trial.
        seed: Decides initial values, batches and dropout; the data is the same for all.
        steps: Updates before each evaluation; fewer where patience or divergence ended it.
        seconds: Training time until each evaluation, an equal share where several networks
            trained in one computation.
        train_losses: Mean training loss since the evaluation before.
        validation_losses: At each evaluation.
        validation_accuracies: At each evaluation.
        validation_macro_f1s: At each evaluation.
        best: Which evaluation was the best by the config's `training.best_by`, from 0; None where
            there was none.
        test_accuracy: Of the network of the best evaluation; None while tuning, when the test
            split is not read, and where there was no evaluation.
        test_loss: Of the same.
        test_macro_f1: Of the same; None in the comparisons of older versions, too.
        diverged: Whether a loss was not finite, which ended the trial.
        other_accuracies: Of the same network on the strings of each of `data.evaluate_lengths`;
            empty while tuning, and where there are none.
        settings: The trial's values of the other tuned settings, as a `Candidate` has them.
    """

    contestant: str
    stage: Stage
    learning_rate: float
    seed: int
    steps: tuple[int, ...]
    seconds: tuple[float, ...]
    train_losses: tuple[float, ...]
    validation_losses: tuple[float, ...]
    validation_accuracies: tuple[float, ...]
    validation_macro_f1s: tuple[float, ...]
    best: int | None
    test_accuracy: float | None
    test_loss: float | None
    diverged: bool
    other_accuracies: tuple[float, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    test_macro_f1: float | None = None

    @property
    def candidate(self) -> Candidate:
        """What was tried."""
        return Candidate(self.learning_rate, self.settings)

    def validation_score(self, measure: str) -> float:
        """Return the best evaluation's accuracy, macro_f1 or loss; NaN where there was none."""
        scores = {
            "accuracy": self.validation_accuracies,
            "macro_f1": self.validation_macro_f1s,
            "loss": self.validation_losses,
        }[measure]
        return math.nan if self.best is None else scores[self.best]

    def test_score(self, measure: str) -> float:
        """Return the accuracy, macro_f1 or loss on the test split; NaN where it is not known."""
        score = {
            "accuracy": self.test_accuracy,
            "macro_f1": self.test_macro_f1,
            "loss": self.test_loss,
        }[measure]
        return math.nan if score is None else score

    def to_json(self) -> dict[str, Any]:
        """Write it as plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "TrialRecord":
        """Read what `to_json` wrote.

        Raises:
            TypeError, ValueError, AttributeError: The data is not a trial's.
        """
        record = cls(**_with_tuples(data))
        check_types(record)
        if len({len(getattr(record, name)) for name in _BY_EVALUATION}) > 1:
            raise ValueError("its series are of several lengths")
        if record.best is not None and not 0 <= record.best < len(record.steps):
            raise ValueError(f"best is {record.best}, of {len(record.steps)} evaluations")
        return record


def _read_contestant(data: dict[str, Any]) -> Contestant:
    drawn = tuple(Candidate(**each) for each in data.get("drawn", ()))
    return Contestant(**{**_with_tuples(data), "drawn": drawn})


def _with_tuples(data: dict[str, Any]) -> dict[str, Any]:
    """Turn lists, as JSON has them, into tuples."""
    return {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}


def settings_key(settings: Mapping[str, Any]) -> str:
    """Write values of settings as what tells them from others, and sorts them."""
    return json.dumps(settings, sort_keys=True)


_BY_EVALUATION = (
    "steps",
    "seconds",
    "train_losses",
    "validation_losses",
    "validation_accuracies",
    "validation_macro_f1s",
)
"""What a trial's record has an entry of for each evaluation."""


@dataclass(frozen=True)
class Results:
    """A finished comparison.

    Attributes:
        protocol: What was agreed.
        chosen: The learning rate of each contestant's final trials, by name.
        trials: Every trial, tuning ones first, in a fixed order.
        adams: The Adams by hand beside PyTorch's, where both take part.
        chosen_settings: The values of the other tuned settings in the final trials, by name of
            the contestant; only of contestants that have some.
    """

    protocol: Protocol
    chosen: dict[str, float]
    trials: tuple[TrialRecord, ...]
    adams: tuple[AdamParity, ...] = ()
    chosen_settings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, contestant: str, stage: Stage) -> list[TrialRecord]:
        """Return a contestant's trials of a stage."""
        return [
            trial
            for trial in self.trials
            if trial.contestant == contestant and trial.stage == stage
        ]
