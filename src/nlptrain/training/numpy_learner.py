"""The learner by hand, with NumPy on a CPU."""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.optimizer import Optimizer as OptimizerSection
from nlptrain.files.array_file import Arrays
from nlptrain.numpy_nn import optimizers
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Floats, Grads
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.clipping import clip_norm
from nlptrain.numpy_nn.dropout import dropout_mask
from nlptrain.numpy_nn.finite import is_finite
from nlptrain.numpy_nn.loss import loss_of_heads
from nlptrain.numpy_nn.optimizer import Optimizer
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.row_optimizer import RowOptimizer
from nlptrain.training.learner import (
    OPTIMIZER_PREFIX,
    Batch,
    Computed,
    Differential,
    Objective,
    StepResult,
)
from nlptrain.training.parts import compute_in_parts, list_parts


class NumpyLearner:
    """Trains a network by hand; implements `LearnerInHalves`."""

    def __init__(
        self,
        architecture: Architecture,
        arrays: Arrays,
        objective: Objective,
        *,
        embedding_frozen: bool,
        optimizer: OptimizerSection,
        leading: int = 0,
    ) -> None:
        """Copy the arrays, which have as many leading axes as there are of networks."""
        self.objective = objective
        trainable = architecture.trained_shapes(embedding_frozen=embedding_frozen)
        for name in architecture.tables:
            del trainable[name]
        self._parameters = ParameterVector({name: arrays[name] for name in trainable}, leading)
        self._gradient = self._parameters.like()
        fixed = {name: array.copy() for name, array in arrays.items() if name not in trainable}
        self.network = Classifier(architecture, {**fixed, **self._parameters.views})
        build = partial(build_optimizer, optimizer, architecture=architecture)
        self.optimizer = build(self._parameters)
        rows = objective.table_optimizer or optimizer
        build = partial(build_optimizer, rows, architecture=architecture)
        self._tables = {
            name: RowOptimizer(name, self.network.arrays[name], build)
            for name in architecture.tables
        }
        self._table_grads: Grads = {}
        self._gradient_parts: tuple[Floats, ...] = (self._gradient.vector,)
        self._table_factor = objective.table_factor(optimizer.learning_rate)
        self._statistics = [self.network.arrays[name] for name in architecture.buffer_shapes()]

    # If training diverges, the loop ends it, with a better message than NumPy's warnings.
    @np.errstate(all="ignore")
    def step(
        self, batch: Batch, *, step: int, learning_rate: float, measure_gradient: bool
    ) -> StepResult:
        """Update the parameters once: forward, loss, backward, clip, step."""
        computed = self.compute(batch, step)
        correct = int(count_correct(computed.logits, batch.classes))
        if not computed.finite:
            self.restore_statistics(computed.statistics)
            return StepResult(computed.loss, correct, grad_norm=None, finite=False)
        grad_norm = self.update(learning_rate, measure_gradient)
        return StepResult(computed.loss, correct, grad_norm)

    def compute(self, batch: Batch, step: int) -> Computed:
        """Do the first half of a step: forward, loss, backward."""
        self.optimizer.end_evaluation()
        before = [each.copy() for each in self._statistics]
        mask = draw_mask(self.network, len(batch.ids), self.objective.seed, step)
        logits, loss_value, grads = compute_gradients(self.network, self.objective, batch, mask)
        value = float(loss_value)
        self._gradient.fill(grads)
        self._table_grads = {name: grads[name] for name in self._tables}
        # View the rows of each table as one vector, like the gradient of all other parameters.
        rows = (self._table_grads[name].values.reshape(-1) for name in self._tables)
        self._gradient_parts = self._gradient.vector, *rows
        finite = math.isfinite(value) and all(map(is_finite, self._gradient_parts))
        return Computed(logits, value, finite, before)

    def update(self, learning_rate: float, measure_gradient: bool) -> float | None:
        """Do the second half: clip, step; return the gradient's norm before that, if known."""
        grad_norm = self._clip(self._gradient_parts, measure_gradient)
        self.optimizer.step(self._gradient.vector, learning_rate)
        for name, table in self._tables.items():
            table.step(self._table_grads[name], learning_rate * self._table_factor)
        return grad_norm

    def restore_statistics(self, before: Sequence[Floats]) -> None:
        """Undo a batch's effect on batch normalization."""
        for statistic, value in zip(self._statistics, before, strict=True):
            statistic[...] = value

    # A diverged step is replayed, too.
    @np.errstate(all="ignore")
    def differentiate(self, batch: Batch, *, step: int) -> Differential:
        """Compute what `step` would compute before its update, and change nothing."""
        self.optimizer.end_evaluation()
        before = [each.copy() for each in self._statistics]
        mask = draw_mask(self.network, len(batch.ids), self.objective.seed, step)
        _, value, grads = compute_gradients(self.network, self.objective, batch, mask)
        outputs = self.network.outputs(batch.ids, batch.lengths, training=True, dropout=mask)
        self.restore_statistics(before)
        gradients = {name: grads[name] for name in self._parameters.views}
        for name in self._tables:
            gradients[name] = grads[name].to_dense(len(self.network.arrays[name]))
        return Differential(float(value), outputs, gradients)

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> Floats:
        """Compute logits as for predictions: (B, 1 or C)."""
        return self.network.logits(ids, lengths)

    def begin_evaluation(self) -> None:
        """Put the parameters that predict in place, until the next step."""
        self.optimizer.begin_evaluation()
        if not self.objective.unknown_is_trained and "embedding.weight" in self.network.arrays:
            average_last_row(self.network.arrays["embedding.weight"], self.objective.num_marks)

    def arrays(self) -> Arrays:
        """Copy the parameters and running statistics, by torch's names."""
        return {name: array.copy() for name, array in self.network.arrays.items()}

    def state(self) -> Arrays:
        """Copy all that the next step depends on: the arrays and the optimizer's state."""
        self.optimizer.end_evaluation()
        state = self.optimizer.state()
        for table in self._tables.values():
            state |= table.state()
        return {
            **self.arrays(),
            **{f"{OPTIMIZER_PREFIX}.{name}": array for name, array in state.items()},
        }

    def load_arrays(self, arrays: Arrays) -> None:
        """Restore what `arrays` returned."""
        self.optimizer.end_evaluation()
        for name, array in self.network.arrays.items():
            array[...] = arrays[name]

    def load_state(self, state: Arrays) -> None:
        """Restore what `state` returned."""
        self.load_arrays(state)
        start = f"{OPTIMIZER_PREFIX}."
        own = {
            name.removeprefix(start): array
            for name, array in state.items()
            if name.startswith(start)
        }
        for table in self._tables.values():
            table.load_state(own)
        self.optimizer.load_state(
            {key: a for key, a in own.items() if key.partition(".")[2] not in self._tables}
        )

    def _clip(self, gradient: Sequence[Floats], measure: bool) -> float | None:
        """Clip the gradient, if the config says so, and return its norm before that, if known."""
        limit = self.objective.max_grad_norm
        if limit is not None:
            return float(clip_norm(gradient[0], limit, *gradient[1:]))
        return math.hypot(*map(np.linalg.norm, gradient)) if measure else None


def build_optimizer(
    section: OptimizerSection, parameters: ParameterVector, architecture: Architecture
) -> Optimizer:
    """Build the optimizer of a config."""
    settings = section.model_dump(exclude={"type", "learning_rate"})
    matrices = architecture.hidden_matrices()
    return optimizers.build_optimizer(section.type, parameters, settings, matrices)


def compute_gradients(
    network: Classifier, objective: Objective, batch: Batch, mask: Floats | None
) -> tuple[Floats, Floats, Grads]:
    """Compute logits (…, B, 1 or C), loss (…,) and gradients by name, as in training.

    Batch normalization updates its running statistics. The dropout mask is (B, F) or (…, B, F).
    """
    if len(parts := list_parts(network.architecture, batch.lengths)) > 1:
        compute = partial(compute_gradients, network, objective)
        return compute_in_parts(compute, batch, mask, parts, objective.class_weights)
    logits, heads, to_grads = network.forward_heads(
        batch.ids, batch.lengths, training=True, dropout=mask
    )
    value, grads = loss_of_heads(
        objective.loss,
        heads,
        batch.classes,
        objective.class_weights,
        batch.weights,
        objective.label_smoothing,
    )
    # Each head's gradient is its own; the mean of the losses compares with that of validation.
    return logits, value / len(heads), to_grads(grads)


def draw_mask(network: Classifier, batch_size: int, seed: int, step: int) -> Floats | None:
    """Draw a step's dropout mask (B, F); None without dropout."""
    architecture = network.architecture
    if architecture.dropout == 0:
        return None
    shape = batch_size, architecture.vector_size
    dtype = network.arrays[architecture.last_weight].dtype.name
    return dropout_mask(shape, architecture.dropout, seed=seed, step=step, dtype=dtype)


def average_last_row(table: Floats, num_marks: int) -> None:
    """Set the unknown character, last of (…, V, E), to the mean of the known ones before marks."""
    if table.shape[-2] > 2 + num_marks:
        table[..., -1, :] = table[..., 1 : -1 - num_marks, :].mean(axis=-2)


def count_correct(logits: Floats, classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count the strings (…, B) whose most likely class is correct: (…,)."""
    predicted = logits[..., 0] >= 0 if logits.shape[-1] == 1 else logits.argmax(axis=-1)
    return np.asarray(np.count_nonzero(predicted == classes, axis=-1))
