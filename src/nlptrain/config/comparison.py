"""What is set side by side, and how carefully."""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

from pydantic import model_validator

from nlptrain.config.data import DataFile, DataSection
from nlptrain.config.model import (
    Activation,
    CnnEncoder,
    Encoder,
    Normalization,
    PoolingEncoder,
    RnnEncoder,
)
from nlptrain.config.optimizer import AdamByHandSection, AdamSection, Optimizer, SgdSection
from nlptrain.settings import kinds
from nlptrain.settings.section import Section, refuse, setting


class EncoderEntry(Section):
    """One encoder of compare-encoders; the embedding before and the head behind are `model`'s."""

    name: str = setting(
        ..., "What the matrix calls it, without a colon.", max_length=40, pattern="^[^:]+$"
    )
    encoder: Encoder = setting(..., "Vectors → features at each position.")
    normalization: Normalization = setting("none", "Of the features.")
    activation: Activation = setting("none", "Of the normalized features.")
    readout: kinds.Readout = setting("last", "Positions → one vector.")


class TaskEntry(Section):
    """One task of compare-encoders: every encoder is trained on it with the same settings."""

    name: str | None = setting(
        None, "What the matrix calls it; null: the task's type.", min_length=1, max_length=40
    )
    data: DataSection = setting(DataSection(), "The examples; without sizes, with `data`'s.")
    steps: int | None = setting(
        None, "Updates in all; null: as `training` says.", unit="steps", ge=1, le=1_000_000_000
    )
    batch_size: int | None = setting(
        None, "Strings an update; null: as `training` says.", unit="strings", ge=1, le=10_000_000
    )
    learning_rate: float | None = setting(
        None, "For every encoder on this task; null: the optimizer's.", gt=0
    )

    @property
    def title(self) -> str:
        """The name, or what the data is."""
        source = self.data.source
        own = Path(source.path).stem if isinstance(source, DataFile) else source.type
        return self.name or own


class ComparisonSection(Section):
    """For compare-optimizers, compare-encoders and compare."""

    seeds: int = setting(5, "Trainings that are reported, each from a fresh seed.", ge=1, le=1000)
    trials: int = setting(
        7,
        "Learning rates tried for each that takes part, around its own; 1: no tuning.",
        ge=1,
        le=99,
    )
    tuning_seeds: int = setting(1, "Trainings of each learning rate tried.", ge=1, le=100)
    max_widenings: int = setting(
        3,
        "Learning rates added beyond an end of those tried, while the best is there.",
        ge=0,
        le=20,
    )
    target_accuracy: float = setting(
        0.95,
        "Validation accuracy whose first reaching is timed; test accuracy of a task that is learnt "
        "(compare-encoders).",
        gt=0,
        le=1,
    )
    optimizers: tuple[Optimizer, ...] = setting(
        (
            SgdSection(),
            SgdSection(momentum=0.9),
            SgdSection(momentum=0.9, nesterov=True),
            AdamSection(),
            AdamByHandSection(),
        ),
        "For compare-optimizers: the optimizers, each with its settings.",
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
        "For compare-encoders: the encoders, each with a name.",
        min_length=1,
        strict=False,
    )
    tasks: tuple[TaskEntry, ...] = setting(
        (), "For compare-encoders: the tasks; without any, the config's own data.", strict=False
    )

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        _check_distinct("encoders", [entry.name for entry in self.encoders])
        _check_distinct("tasks", [entry.title for entry in self.tasks])
        return self


def _check_distinct(field: str, names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise refuse(field, f"two are called {name!r}; give each a name of its own")
