"""What a comparison compares, and with how many learning rates and seeds."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from pydantic import model_validator

from nlptrain.config.data import DataFile, DataSection
from nlptrain.config.model import (
    Activation,
    CnnEncoder,
    Encoder,
    Normalization,
    PoolingEncoder,
    Readout,
    RnnEncoder,
)
from nlptrain.config.optimizer_entry import AnyOptimizerEntry, enter_optimizer
from nlptrain.settings.section import Section, refuse, setting


class EncoderEntry(Section):
    """One encoder of compare-encoders; its embedding and head come from `model`."""

    name: str = setting(
        ..., "Name in the matrix, without a colon.", max_length=40, pattern="^[^:]+$"
    )
    encoder: Encoder = setting(..., "Vectors → features at each position.")
    normalization: Normalization = setting("none", "Normalization of the features.")
    activation: Activation = setting("none", "Activation after the normalization.")
    readout: Readout = setting("last", "Positions → one vector, or several, one after the other.")


class TaskEntry(Section):
    """One task of compare-encoders; every encoder is trained on it with the same settings."""

    name: str | None = setting(
        None, "Name in the matrix; null: the task's type.", min_length=1, max_length=40
    )
    data: DataSection = setting(
        DataSection(), "The examples; their sizes default to those of `data`."
    )
    steps: int | None = setting(
        None, "Total updates; null: as in `training`.", unit="steps", ge=1, le=1_000_000_000
    )
    batch_size: int | None = setting(
        None, "Strings per update; null: as in `training`.", unit="strings", ge=1, le=10_000_000
    )
    learning_rate: float | None = setting(
        None, "Of every encoder on this task; null: the optimizer's.", gt=0
    )

    @property
    def title(self) -> str:
        """The name, or else that of the task or file."""
        source = self.data.source
        own = Path(source.path).stem if isinstance(source, DataFile) else source.type
        return self.name or own


class NegligibleSection(Section):
    """Differences up to which two contestants are called practically equal."""

    accuracy: float = setting(0.005, "Of the mean test accuracy.", ge=0, lt=1)
    steps: float = setting(0.1, "Of the steps to the target, as a share of them.", ge=0, le=10)


class ComparisonSection(Section):
    """Settings of compare-optimizers, compare-encoders and compare."""

    seeds: int = setting(
        12,
        "Reported trainings per contestant, each with a new seed. Twelve contestants take at least "
        "12, two at least 6, for any difference to be told from chance.",
        ge=1,
        le=1000,
    )
    first_seed: int | None = setting(
        None,
        "First of the reported seeds; null: the one after the tuning seeds. For more seeds from "
        "another machine.",
        ge=0,
    )
    trials: int = setting(
        7,
        "Settings to try per contestant: learning rates centered on its own, each with values "
        "drawn from what it tunes besides; 1: no tuning.",
        ge=1,
        le=99,
    )
    tuning_seeds: int = setting(1, "Trainings per setting tried.", ge=1, le=100)
    max_widenings: int = setting(
        3,
        "Learning rates that may be added at an end of the grid while the best one lies there.",
        ge=0,
        le=20,
    )
    target_accuracy: float = setting(
        0.95,
        "Validation accuracy for counting the steps to it; in compare-encoders, the test accuracy "
        "from which a task counts as learned.",
        gt=0,
        le=1,
    )
    rank_by: Literal["auto", "accuracy", "steps", "loss"] = setting(
        "auto",
        "What ranks contestants: test accuracy, steps to the target or test loss; auto: steps "
        "between two that solve the task on every seed, else accuracy.",
    )
    negligible: NegligibleSection = setting(
        NegligibleSection(), "Differences too small to make one contestant better."
    )
    optimizers: tuple[AnyOptimizerEntry, ...] = setting(
        (
            enter_optimizer("sgd"),
            enter_optimizer("sgd", momentum=0.9),
            enter_optimizer("sgd", momentum=0.9, nesterov=True),
            enter_optimizer("adam"),
            enter_optimizer("adam_by_hand"),
        ),
        "For compare-optimizers: the optimizers with their settings; of each also a `schedule` of "
        "its own, and under `tune` lists of values to try for other settings than the learning "
        "rate.",
        min_length=1,
        strict=False,
    )
    encoders: tuple[EncoderEntry, ...] = setting(
        (
            EncoderEntry(name="mean pooling", encoder=PoolingEncoder(), readout="mean"),
            EncoderEntry(name="max pooling", encoder=PoolingEncoder(), readout="max"),
            EncoderEntry(name="CNN", encoder=CnnEncoder(), activation="relu", readout="max"),
            EncoderEntry(name="RNN tanh", encoder=RnnEncoder()),
            EncoderEntry(
                name="RNN ReLU", encoder=RnnEncoder(cell="rnn_relu", initialization="normal")
            ),
        ),
        "For compare-encoders: the encoders with their names.",
        min_length=1,
        strict=False,
    )
    tasks: tuple[TaskEntry, ...] = setting(
        (), "For compare-encoders: the tasks; if empty, the config's own data.", strict=False
    )

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        _check_distinct("encoders", [entry.name for entry in self.encoders])
        _check_distinct("tasks", [entry.title for entry in self.tasks])
        return self

    @model_validator(mode="after")
    def _check_budget(self) -> Self:
        for place, entry in enumerate(self.optimizers):
            for name, values in entry.tuned_values().items():
                # Otherwise nothing would be tuned, or some of the values never tried.
                needed = max(2, len(values))
                if self.trials < needed:
                    raise refuse(
                        f"optimizers.{place}.tune.{name}",
                        f"{len(values)} value{'s' * (len(values) != 1)} cannot be tried with "
                        f"comparison.trials: {self.trials}; set comparison.trials to {needed} or "
                        "more, or list fewer values",
                    )
        return self


def _check_distinct(field: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise refuse(field, f"two entries are named {name!r}; give each a unique name")
