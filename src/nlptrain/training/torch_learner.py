"""The learner in torch, on a CPU or one CUDA device; it waits for what a step gives."""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nlptrain.config.optimizer import Optimizer
from nlptrain.evaluation.decision import choose_classes
from nlptrain.files.array_file import Arrays
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.settings import kinds
from nlptrain.torch_nn.averaging import AveragedParameters
from nlptrain.torch_nn.classifier import Classifier
from nlptrain.torch_nn.dropout import draw_mask
from nlptrain.torch_nn.gradient import clip, is_finite
from nlptrain.torch_nn.loss import loss_of_heads
from nlptrain.torch_nn.optimizer import build_optimizer
from nlptrain.torch_nn.precision import multiplying_in
from nlptrain.torch_nn.row_optimizer import RowOptimizer
from nlptrain.torch_nn.transfer import to_device
from nlptrain.training.device_batch import DeviceBatch, Forward, move_batch, text_arguments
from nlptrain.training.learner import (
    OPTIMIZER_PREFIX,
    Batch,
    Computed,
    Differential,
    Objective,
    StepResult,
)
from nlptrain.training.torch_state import OptimizerState


class TorchLearner:
    """Trains a torch network; implements `LearnerInHalves`."""

    def __init__(
        self,
        architecture: Architecture,
        arrays: Arrays,
        objective: Objective,
        *,
        embedding_frozen: bool,
        optimizer: Optimizer,
        device: torch.device,
        precision: kinds.Precision = "float32",
    ) -> None:
        self.objective = objective
        self.device = device
        self._multiplying = multiplying_in(precision, device)
        self.dtype = arrays[architecture.last_weight].dtype.name
        self._float: torch.dtype = getattr(torch, self.dtype)
        self.network = Classifier(architecture).to(device, self._float)
        self.network.load_arrays(arrays)
        if embedding_frozen:
            self.network.embedding.weight.requires_grad_(False)
        self._parameters = [
            (name, each) for name, each in self.network.named_parameters() if each.requires_grad
        ]
        matrices = architecture.hidden_matrices()
        rows = objective.table_optimizer or optimizer
        self._tables = {
            name: RowOptimizer(table, partial(_build_for_rows, rows, name))
            for name, table in self._parameters
            if name in architecture.tables
        }
        dense = [each for each in self._parameters if each[0] not in self._tables]
        self._dense = [each for _, each in dense]
        self._table_factor = objective.table_factor(optimizer.learning_rate)
        self.optimizer = build_optimizer(optimizer, dense, matrices)
        self._state = OptimizerState(self.optimizer, self._tables, self._parameters)
        self._averaged = AveragedParameters(self.optimizer)
        statistics = architecture.buffer_shapes()
        self._statistics = [each for n, each in self.network.named_buffers() if n in statistics]
        weights = objective.class_weights
        self._class_weights = (
            None if weights is None else torch.from_numpy(weights).to(device, self._float)
        )

    def step(
        self, batch: Batch, *, step: int, learning_rate: float, measure_gradient: bool
    ) -> StepResult:
        """Update the parameters once: clear, forward, loss, backward, clip, step."""
        computed = self.compute(batch, step)
        predicted = choose_classes(computed.logits)
        correct = int(np.count_nonzero(predicted == batch.classes))
        if not computed.finite:
            self.restore_statistics(computed.statistics)
            return StepResult(computed.loss, correct, grad_norm=None, finite=False)
        grad_norm = self.update(learning_rate, measure_gradient)
        return StepResult(computed.loss, correct, grad_norm)

    def compute(self, batch: Batch, step: int) -> Computed:
        """Do the first half of a step: clear, forward, loss, backward."""
        self._averaged.end()
        before = [each.clone() for each in self._statistics]
        logits, loss, heads = self._differentiate(self._move(batch), step)
        value = loss.item() / heads
        for table in self._tables.values():
            table.gather()
        finite = math.isfinite(value) and is_finite(self._updated())
        return Computed(logits.cpu().numpy(), value, finite, before)

    def update(self, learning_rate: float, measure_gradient: bool) -> float | None:
        """Do the second half: clip, step; return the gradient's norm before that, if wanted."""
        grad_norm = self._update(learning_rate, measure_gradient)
        return None if grad_norm is None else grad_norm.item()

    def _update(self, learning_rate: float, measure_gradient: bool) -> Tensor | None:
        limit = self.objective.max_grad_norm
        grad_norm = clip(self._updated(), limit, measure=measure_gradient)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate
        self.optimizer.step()
        for table in self._tables.values():
            table.step(learning_rate * self._table_factor)
        return grad_norm

    def differentiate(self, batch: Batch, *, step: int) -> Differential:
        """Compute what `step` would compute before its update, and change nothing."""
        self._averaged.end()
        before = [each.clone() for each in self._statistics]
        moved = self._move(batch)
        _, loss, heads = self._differentiate(moved, step)
        with self._multiplying:
            outputs = self.network.outputs(
                **moved.arguments(), dropout=self._draw_mask(moved, step)
            )
        self.restore_statistics(before)
        # torch has no gradient if a batch contains no window at all; by hand it is zero.
        gradients = {
            name: (torch.zeros_like(each) if each.grad is None else each.grad.to_dense())
            .cpu()
            .numpy()
            for name, each in self._parameters
        }
        # NumPy has no bfloat16.
        arrays = {name: each.to(self._float).cpu().numpy() for name, each in outputs.items()}
        return Differential(loss.item() / heads, arrays, gradients)

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.floating]:
        """Compute logits as for predictions: (B, 1 or C)."""
        self._set_mode(training=False)
        placed_ids, placed_lengths = to_device(ids, self.device), to_device(lengths, self.device)
        with torch.inference_mode():
            logits: Tensor = self.network(**text_arguments(placed_ids, placed_lengths, lengths))
            return logits.cpu().numpy()

    def begin_evaluation(self) -> None:
        """Put the parameters that predict in place, until the next step."""
        self._averaged.begin()
        # No gradient ever reaches the embedding of unknown characters, so this affects no update.
        if self.objective.unknown_is_trained or not self.network.architecture.has_embedding:
            return
        with torch.no_grad():
            table = self.network.embedding.weight
            marks = self.objective.num_marks
            if len(table) > 2 + marks:
                table[-1] = table[1 : -1 - marks].mean(dim=0)

    def arrays(self) -> Arrays:
        """Copy the parameters and running statistics, by torch's names."""
        return {
            name: value.detach().cpu().numpy().copy()
            for name, value in self.network.state_dict().items()
        }

    def state(self) -> Arrays:
        """Copy all that the next step depends on: the arrays and the optimizer's state."""
        self._averaged.end()
        return {**self.arrays(), **self._state.copy()}

    def load_arrays(self, arrays: Arrays) -> None:
        """Restore what `arrays` returned."""
        self._averaged.end()
        self.network.load_arrays(arrays)

    def load_state(self, state: Arrays) -> None:
        """Restore what `state` returned."""
        self.load_arrays(
            {name: a for name, a in state.items() if not name.startswith(f"{OPTIMIZER_PREFIX}.")}
        )
        self._state.load(state)

    def _move(self, batch: Batch) -> DeviceBatch:
        return move_batch(batch, self.device, self._float)

    def _differentiate(self, batch: DeviceBatch, step: int) -> Forward:
        """Compute logits, loss and gradients; batch normalization updates its statistics."""
        forward = self._compute_loss(batch, step)
        forward.loss.backward()  # type: ignore[no-untyped-call]
        return forward

    def _compute_loss(self, batch: DeviceBatch, step: int) -> Forward:
        """Clear the gradients, and compute logits and the sum of all heads' losses."""
        self._set_mode(training=True)
        for _, parameter in self._parameters:
            parameter.grad = None
        mask = self._draw_mask(batch, step)
        with self._multiplying:
            logits, heads = self.network.forward_heads(**batch.arguments(), dropout=mask)
        loss = loss_of_heads(
            self.objective.loss,
            [each.to(self._float) for each in heads],
            batch.classes,
            self._class_weights,
            batch.weights,
            self.objective.label_smoothing,
        )
        return Forward(logits.detach().to(self._float), loss, len(heads))

    def _updated(self) -> list[Tensor]:
        """List what the next step updates: of a table, only the rows that were read."""
        return [*self._dense, *(table.read for table in self._tables.values())]

    @torch.no_grad()
    def restore_statistics(self, before: Sequence[Tensor]) -> None:
        """Undo a batch's effect on batch normalization."""
        for statistic, value in zip(self._statistics, before, strict=True):
            statistic.copy_(value)

    def _set_mode(self, *, training: bool) -> None:
        """Switch between training and evaluation only if needed, since it visits all modules."""
        if self.network.training != training:
            self.network.train(training)

    def _draw_mask(self, batch: DeviceBatch, step: int) -> Tensor | None:
        """Draw a step's dropout mask (B, F); None without dropout."""
        architecture, seed = self.network.architecture, self.objective.seed
        if architecture.dropout == 0:
            return None
        shape = batch.size, architecture.vector_size
        return draw_mask(
            shape, architecture.dropout, seed=seed, step=step, dtype=self.dtype, device=self.device
        )


def _build_for_rows(section: Optimizer, name: str, rows: nn.Parameter) -> torch.optim.Optimizer:
    return build_optimizer(section, [(name, rows)], {})
