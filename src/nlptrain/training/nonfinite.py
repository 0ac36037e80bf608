"""The step at which numbers stopped being finite: examined, saved and replayed."""

import math
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.load import load_config
from nlptrain.datasets.batches import epoch_batches
from nlptrain.datasets.build import explain_difference
from nlptrain.datasets.examples import Examples
from nlptrain.errors import RunFolderError
from nlptrain.files.array_file import Arrays
from nlptrain.runs.folder import RunFolder
from nlptrain.settings import kinds
from nlptrain.training.assembly import Training, assemble
from nlptrain.training.checkpoint import Checkpoint
from nlptrain.training.engine import recorded_engine
from nlptrain.training.learner import Differential
from nlptrain.training.preparation import prepare
from nlptrain.training.streamed_split import StreamedSplit


@dataclass(frozen=True)
class Quantity:
    """Summary statistics of an array in a step.

    Attributes:
        kind: parameter, output, loss or gradient.
        name: Of the parameter or the layer; empty for the loss.
        size: Number of elements.
        nonfinite: Number of elements that are NaN or infinite.
        smallest: Of the finite elements; None without any.
        largest: Likewise.
        norm: Of all elements, in float64.
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
        learning_rate: Of the update that was not made.
        indices: Of the batch's strings in the epoch's training split, or in the window of a stream:
            (B,).
        examples: The strings.
        labels: By class index.
        loss: mse, bce or cross_entropy.
        parameters: Before the step, with the running statistics.
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
        """Whether the parameters are finite; if not, the previous update made them infinite."""
        return all(bool(np.isfinite(array).all()) for array in self.parameters.values())

    def quantities(self) -> Iterator[Quantity]:
        """Summarize all arrays, in the order of computation."""
        for name, array in self.parameters.items():
            if array.dtype.kind == "f":  # The keys of n-grams are no parameters.
                yield _describe("parameter", name, array)
        for name, array in self.differential.outputs.items():
            yield _describe("output", name, array)
        yield _describe("loss", "", np.array(self.differential.loss))
        for name, array in reversed(list(self.differential.gradients.items())):
            yield _describe("gradient", name, array)

    def to_json(self, folder: RunFolder) -> dict[str, Any]:
        """Convert to plain values for the run's file; JSON has no NaN, so that is a string."""
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
    """Compute the next step without its update; the learner is unchanged."""
    preparation, plan, step = training.preparation, training.plan, training.progress.step
    epoch, position = divmod(step, plan.steps_per_epoch)
    split, examples = preparation.train_split(epoch), preparation.train_examples(epoch)
    if isinstance(split, StreamedSplit):
        cuts = split.cut(plan.batch_size, plan.seed, epoch)
        examples, split, indices = next(islice(cuts, position, None))
    else:
        batches = epoch_batches(split.texts.lengths, plan.batch_size, plan.seed, epoch)
        indices = batches[position]
    return ExaminedStep(
        step=step + 1,
        epoch=epoch + 1,
        learning_rate=plan.learning_rate(step),
        indices=indices,
        examples=examples.take(indices),
        labels=preparation.dataset.labels,
        loss=plan.loss,
        parameters=training.learner.arrays(),
        differential=training.learner.differentiate(split.batch(indices), step=step),
    )


def replay_command(folder: RunFolder) -> str:
    """Return the command that repeats the step."""
    return f"nlptrain replay {shlex.quote(str(folder.path))}"


def replay(folder: RunFolder) -> tuple[ExaminedStep, str]:
    """Repeat the step at which a run stopped, from the state before it, and change nothing.

    Returns:
        The step, and the engine that computed it.

    Raises:
        RunFolderError: The run did not stop at such a step, a file is damaged, or data or network
            have changed.
    """
    path = folder.nonfinite_state_path
    if not path.is_file():
        raise RunFolderError(
            f"{folder.path}: no step to replay: only a run that stops because a loss or gradient "
            f"is not finite writes {path.name}"
        )
    checkpoint, config = Checkpoint.load(path), load_config(folder.config_path).config
    preparation, record = prepare(config), folder.read_record()
    engine = recorded_engine(config, preparation.architecture, record.versions)
    preparation = replace(preparation, engine=engine)
    if preparation.dataset.fingerprint != (began := record.data_fingerprint):
        reason = explain_difference(config.data, config.text, seed=config.seed, fingerprint=began)
        what = reason or "the data has changed since the run stopped; restore it to replay"
        raise RunFolderError(f"{folder.path}: {what}")
    before = checkpoint.architecture, checkpoint.members
    if (preparation.architecture, config.training.members) != before:
        raise RunFolderError(
            f"{folder.path}: the network has changed since the run stopped; restore it to replay"
        )
    try:
        checkpoint.check_state(config.model, finite=False)
    except ValueError as error:
        raise RunFolderError(f"{path}: damaged: {error}; restore it, or train again") from error
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
