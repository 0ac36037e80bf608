"""The learner in torch, on a CPU or one CUDA device."""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nlptrain.config.optimizer import Optimizer
from nlptrain.evaluation.decision import choose_classes
from nlptrain.files.array_file import Arrays
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.torch_nn.averaging import AveragedParameters
from nlptrain.torch_nn.classifier import Classifier
from nlptrain.torch_nn.dropout import draw_mask
from nlptrain.torch_nn.gradient import clip, is_finite
from nlptrain.torch_nn.loss import loss_of_heads
from nlptrain.torch_nn.optimizer import build_optimizer
from nlptrain.torch_nn.row_optimizer import RowOptimizer
from nlptrain.training.learner import (
    OPTIMIZER_PREFIX,
    Batch,
    Computed,
    Differential,
    Objective,
    StepResult,
)


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
    ) -> None:
        self.objective = objective
        self.device = device
        self.dtype = arrays[architecture.last_weight].dtype.name
        self.network = Classifier(architecture).to(device, getattr(torch, self.dtype))
        self.network.load_arrays(arrays)
        if embedding_frozen:
            self.network.embedding.weight.requires_grad_(False)
        self._parameters = [
            (name, each) for name, each in self.network.named_parameters() if each.requires_grad
        ]
        matrices = architecture.hidden_matrices()
        self._tables = {
            name: RowOptimizer(table, partial(_build_for_rows, optimizer, name))
            for name, table in self._parameters
            if name in architecture.tables()
        }
        dense = [each for each in self._parameters if each[0] not in self._tables]
        self._dense = [each for _, each in dense]
        self._table_factor = objective.table_factor(optimizer.learning_rate)
        self.optimizer = build_optimizer(optimizer, dense, matrices)
        self._averaged = AveragedParameters(self.optimizer)
        statistics = architecture.buffer_shapes()
        self._statistics = [each for n, each in self.network.named_buffers() if n in statistics]
        weights = objective.class_weights
        self._class_weights = (
            None
            if weights is None
            else torch.from_numpy(weights).to(device, getattr(torch, self.dtype))
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
        logits, value = self._differentiate(batch, step)
        for table in self._tables.values():
            table.gather()
        finite = math.isfinite(value) and is_finite(self._updated())
        return Computed(logits.detach().cpu().numpy(), value, finite, before)

    def update(self, learning_rate: float, measure_gradient: bool) -> float | None:
        """Do the second half: clip, step; return the gradient's norm before that, if wanted."""
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
        _, value = self._differentiate(batch, step)
        outputs = self.network.outputs(**self._arguments(batch.ids, batch.lengths, step))
        self.restore_statistics(before)
        # torch has no gradient if a batch contains no window at all; by hand it is zero.
        gradients = {
            name: (torch.zeros_like(each) if each.grad is None else each.grad.to_dense())
            .cpu()
            .numpy()
            for name, each in self._parameters
        }
        arrays = {name: each.cpu().numpy() for name, each in outputs.items()}
        return Differential(value, arrays, gradients)

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.floating]:
        """Compute logits as for predictions: (B, 1 or C)."""
        self._set_mode(training=False)
        with torch.inference_mode():
            logits: Tensor = self.network(**self._arguments(ids, lengths))
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
        state: dict[str, NDArray[Any]] = dict(self.arrays())
        for name, parameter in self._parameters:
            for key, value in self._state_of(name, parameter).items():
                if value is not None:
                    exact = torch.float64 if isinstance(value, float) else None
                    copy = torch.as_tensor(value, dtype=exact).detach().cpu().numpy().copy()
                    state[f"{OPTIMIZER_PREFIX}.{key}.{name}"] = copy
        return state

    def load_arrays(self, arrays: Arrays) -> None:
        """Restore what `arrays` returned."""
        self._averaged.end()
        self.network.load_arrays(arrays)

    def load_state(self, state: Arrays) -> None:
        """Restore what `state` returned."""
        self.load_arrays(
            {name: a for name, a in state.items() if not name.startswith(f"{OPTIMIZER_PREFIX}.")}
        )
        # Not by load_state_dict, which rounds single numbers to the precision of the parameter.
        for name, parameter in self._parameters:
            entries = {
                full.split(".", 2)[1]: torch.from_numpy(array.copy())
                for full, array in state.items()
                if full.startswith(f"{OPTIMIZER_PREFIX}.") and full.split(".", 2)[2] == name
            }
            if entries:
                kept = self._state_of(name, parameter)
                kept.clear()
                kept.update(
                    {k: each.to(self.device) if each.ndim else each for k, each in entries.items()}
                )

    def _state_of(self, name: str, parameter: Tensor) -> dict[str, Any]:
        """Return an optimizer's state of a parameter, to read or to fill."""
        if name in self._tables:
            return self._tables[name].state
        state: dict[str, Any] = self.optimizer.state[parameter]
        return state

    def _differentiate(self, batch: Batch, step: int) -> tuple[Tensor, float]:
        """Compute logits, loss and gradients; batch normalization updates its statistics."""
        arguments = self._arguments(batch.ids, batch.lengths, step)
        logits, value = self._compute_loss(batch, arguments)
        value.backward()  # type: ignore[no-untyped-call]
        return logits, value.item() / len(self.network.architecture.head_ends)

    def _compute_loss(self, batch: Batch, arguments: dict[str, Any]) -> tuple[Tensor, Tensor]:
        """Clear the gradients, and compute logits and the sum of all heads' losses."""
        self._set_mode(training=True)
        for _, parameter in self._parameters:
            parameter.grad = None
        logits, heads = self.network.forward_heads(**arguments)
        classes = torch.from_numpy(batch.classes).to(self.device)
        weights = None
        if batch.weights is not None:
            weights = torch.from_numpy(batch.weights).to(self.device, logits.dtype)
        value = loss_of_heads(self.objective.loss, heads, classes, self._class_weights, weights)
        return logits, value

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

    def _arguments(
        self, ids: NDArray[np.int32], lengths: NDArray[np.int64], step: int | None = None
    ) -> dict[str, Any]:
        """Build the network's arguments; with a step, dropout is on."""
        return {
            "ids": torch.from_numpy(ids).to(self.device, non_blocking=True),
            "lengths": torch.from_numpy(lengths).to(self.device, non_blocking=True),
            "padded": bool(lengths.min() < ids.shape[1]),
            "dropout": None if step is None else self._draw_mask(len(ids), step),
        }

    def _draw_mask(self, batch_size: int, step: int) -> Tensor | None:
        """Draw a step's dropout mask (B, F); None without dropout."""
        architecture, seed = self.network.architecture, self.objective.seed
        if architecture.dropout == 0:
            return None
        shape = batch_size, architecture.vector_size
        return draw_mask(
            shape, architecture.dropout, seed=seed, step=step, dtype=self.dtype, device=self.device
        )


def _build_for_rows(section: Optimizer, name: str, rows: nn.Parameter) -> torch.optim.Optimizer:
    return build_optimizer(section, [(name, rows)], {})
