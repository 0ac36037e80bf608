"""The step at which a training's numbers were no longer finite: what it saw, kept and repeated."""

import math
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.load import load_config
from nlptrain.datasets.batches import epoch_batches
from nlptrain.datasets.build import explain_difference
from nlptrain.datasets.examples import Examples
from nlptrain.errors import RunFolderError
from nlptrain.files.storage import Arrays, write_json
from nlptrain.runs.folder import RunFolder
from nlptrain.settings import kinds
from nlptrain.training.assembly import Training, assemble
from nlptrain.training.checkpoint import Checkpoint
from nlptrain.training.learner import Differential
from nlptrain.training.preparation import prepare


@dataclass(frozen=True)
class Quantity:
    """An array of a step in a few numbers.

    Attributes:
        kind: parameter, output, loss or gradient.
        name: Of the parameter or the layer; empty where there is none.
        size: How many numbers.
        nonfinite: How many of them are NaN or infinite.
        smallest: Of the finite ones; None: there are none.
        largest: Likewise.
        norm: Of all, in float64.
    """

    kind: str
    name: str
    size: int
    nonfinite: int
    smallest: float | None
    largest: float | None
    norm: float


@dataclass(frozen=True, eq=False)
class ExaminedStep:
    """A step computed without its update.

    Attributes:
        step: Counted from 1.
        epoch: Counted from 1.
        learning_rate: That it would have been made with.
        indices: Of the batch's strings in the epoch's training split: (B,).
        examples: The strings.
        labels: By class index.
        loss: mse, bce or cross_entropy.
        parameters: Before the step; running statistics too.
        differential: What the step computes from them.
    """

    step: int
    epoch: int
    learning_rate: float
    indices: NDArray[np.int64]
    examples: Examples
    labels: tuple[str, ...]
    loss: kinds.Loss
    parameters: Arrays
    differential: Differential

    @property
    def begins_finite(self) -> bool:
        """Whether the parameters are finite; if not, the update before made them so."""
        return all(bool(np.isfinite(array).all()) for array in self.parameters.values())

    def quantities(self) -> Iterator[Quantity]:
        """Describe everything, in the order in which it is computed."""
        for name, array in self.parameters.items():
            yield _describe("parameter", name, array)
        for name, array in self.differential.outputs.items():
            yield _describe("output", name, array)
        yield _describe("loss", "", np.array(self.differential.loss))
        for name, array in reversed(list(self.differential.gradients.items())):
            yield _describe("gradient", name, array)

    def to_json(self, folder: RunFolder) -> dict[str, Any]:
        """Write as plain values for the run's file; JSON knows no NaN, so it is a string."""
        texts, classes = self.examples.texts, self.examples.classes.tolist()
        gradients = [each for each in self.quantities() if each.kind == "gradient"]
        return {
            "step": self.step,
            "epoch": self.epoch,
            "learning_rate": self.learning_rate,
            "loss": _as_json(self.differential.loss),
            "gradient_norms": {each.name: _as_json(each.norm) for each in gradients},
            "examples": [
                {"index": index, "text": text, "label": self.labels[number]}
                for index, text, number in zip(self.indices.tolist(), texts, classes, strict=True)
            ],
            "state": folder.nonfinite_state_path.name,
            "replay": replay_command(folder),
        }


def examine_step(training: Training) -> ExaminedStep:
    """Compute the next step of a training without its update; the learner stays as it is."""
    preparation, plan, step = training.preparation, training.plan, training.progress.step
    epoch, position = divmod(step, plan.steps_per_epoch)
    split, examples = preparation.train_split(epoch), preparation.train_examples(epoch)
    batches = epoch_batches(split.texts.lengths, plan.batch_size, plan.seed, epoch)
    indices = batches[position]
    return ExaminedStep(
        step=step + 1,
        epoch=epoch + 1,
        learning_rate=plan.learning_rate(step),
        indices=indices,
        examples=Examples([examples.texts[index] for index in indices], examples.classes[indices]),
        labels=preparation.dataset.labels,
        loss=plan.loss,
        parameters=training.learner.arrays(),
        differential=training.learner.differentiate(split.batch(indices), step=step),
    )


def save_examined_step(folder: RunFolder, examined: ExaminedStep) -> None:
    """Write the step into the run's folder.

    Raises:
        RunFolderError: The file cannot be written.
    """
    write_json(folder.nonfinite_path, examined.to_json(folder))


def replay_command(folder: RunFolder) -> str:
    """Name the command that repeats the step."""
    return f"nlptrain replay {shlex.quote(str(folder.path))}"


def replay(folder: RunFolder) -> tuple[ExaminedStep, str]:
    """Repeat the step at which a run stopped, from the state before it, and change nothing.

    Returns:
        The step, and the engine that computed it.

    Raises:
        RunFolderError: The run stopped at no such step, a file is damaged, or data or network are
            not the same.
    """
    path = folder.nonfinite_state_path
    if not path.is_file():
        raise RunFolderError(
            f"{folder.path}: no step to replay: a training that stops at a loss or a gradient "
            f"that is not finite writes {path.name}"
        )
    checkpoint, config = Checkpoint.load(path), load_config(folder.config_path).config
    preparation = prepare(config)
    if preparation.dataset.fingerprint != (began := folder.read_record().data_fingerprint):
        reason = explain_difference(config.data, config.text, seed=config.seed, fingerprint=began)
        what = reason or "the data is not what the run stopped with; put it back to replay"
        raise RunFolderError(f"{folder.path}: {what}")
    if preparation.architecture != checkpoint.architecture:
        raise RunFolderError(
            f"{folder.path}: the network is not what the run stopped with; put it back to replay"
        )
    try:
        checkpoint.check_state(frozen_embedding=config.model.embedding.frozen, finite=False)
    except ValueError as error:
        raise RunFolderError(f"{path}: damaged: {error}; restore it, or train anew") from error
    training = assemble(config, preparation, checkpoint)
    return examine_step(training), preparation.engine.name


def _describe(kind: str, name: str, array: NDArray[np.floating]) -> Quantity:
    finite = array[np.isfinite(array)]
    with np.errstate(over="ignore", invalid="ignore"):
        norm = float(np.linalg.norm(array.astype(np.float64).ravel()))
    return Quantity(
        kind,
        name,
        size=array.size,
        nonfinite=array.size - finite.size,
        smallest=float(finite.min()) if finite.size else None,
        largest=float(finite.max()) if finite.size else None,
        norm=norm,
    )


def _as_json(number: float) -> float | str:
    return number if math.isfinite(number) else str(number)
