"""A learner of which every process has one: each computes some strings of every batch.

Gradients are added up explicitly, not by DistributedDataParallel: that averages the processes'
means, which is not the mean of the batch if they have different numbers of strings, and it has
neither the few rows of n-grams nor parameters that a batch does not reach.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nlptrain.torch_nn.batch_norm_across import Across
from nlptrain.torch_nn.normalization import Normalization
from nlptrain.torch_nn.transfer import to_device
from nlptrain.training.device_batch import DeviceBatch, Forward
from nlptrain.training.distributed.group import Group
from nlptrain.training.distributed.own_rows import SharedBatch, take_own_rows
from nlptrain.training.interruption import pass_on
from nlptrain.training.learner import Batch, Computed, Differential
from nlptrain.training.torch_learner import TorchLearner


class SharedLearner(TorchLearner):
    """Trains as one process would; all calls but `differentiate` are made by all processes at once.

    What it returns is of all strings, and has the same bits in each process.
    """

    def __init__(self, group: Group, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._group = group
        self._is_alone = False
        modules = self.network.modules()
        self._batch_norms = [
            each for each in modules if isinstance(each, Normalization) and each.kind == "batch"
        ]

    def compute(self, batch: Batch, step: int) -> Computed:
        """Do the first half of a step; if a process is lost, the learner is as before."""
        before = [each.clone() for each in self._statistics]
        try:
            return super().compute(batch, step)
        except BaseException:
            self.restore_statistics(before)
            raise

    def differentiate(self, batch: Batch, *, step: int) -> Differential:
        """Compute what `step` would compute before its update, without the other processes."""
        self._is_alone = True
        try:
            return super().differentiate(batch, step=step)
        finally:
            self._is_alone = False

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.floating]:
        """Compute logits as for predictions, each process those of its strings: (B, 1 or C)."""
        launch, dtype = self._group.launch, getattr(torch, self.dtype)
        shape = len(ids), self.network.architecture.num_logits
        every = torch.zeros(shape, dtype=dtype, device=self.device)
        own = np.arange(launch.rank, len(ids), launch.size)
        if len(own):
            logits = super().logits(ids[own], lengths[own])
            every[torch.from_numpy(own)] = torch.from_numpy(logits).to(self.device)
        found: NDArray[np.floating] = self._group.add_up(every).cpu().numpy()
        return found

    def _move(self, batch: Batch) -> DeviceBatch:
        """Copy this process's strings to its device."""
        if self._is_alone:
            return super()._move(batch)
        launch = self._group.launch
        own = take_own_rows(batch, launch.rank, launch.size, self.objective.class_weights)
        moved = super()._move(own.batch)
        return SharedBatch(
            moved.ids,
            moved.lengths,
            moved.known,
            moved.classes,
            moved.weights,
            rows=to_device(own.indices, self.device),
            share=own.share,
            whole=len(batch.classes),
        )

    def _draw_mask(self, batch: DeviceBatch, step: int) -> Tensor | None:
        """Draw the mask of all strings, and take the rows of this process's own."""
        mask = super()._draw_mask(batch, step)
        if mask is None or not isinstance(batch, SharedBatch):
            return mask
        return mask[batch.rows] if len(batch.rows) else mask[:1]

    def _differentiate(self, batch: DeviceBatch, step: int) -> Forward:
        """Compute logits, loss and gradients of the whole batch."""
        if not isinstance(batch, SharedBatch):
            return super()._differentiate(batch, step)
        with self._normalizing_across() as across:
            logits, loss, heads = self._compute_loss(batch, step)
            loss = loss * batch.share
            # From the outputs of batch normalization, too, since every process has to get there.
            outputs = across.outputs
            slopes = [torch.ones_like(loss), *map(torch.zeros_like, outputs)]
            torch.autograd.backward([loss, *outputs], slopes)
        self._join_rows_of_tables()
        return Forward(*self._add_up(batch, logits, loss.detach()), heads)

    def _add_up(self, batch: SharedBatch, logits: Tensor, loss: Tensor) -> tuple[Tensor, Tensor]:
        """Add up gradients, and give logits and loss of all strings, in one exchange."""
        launch = self._group.launch
        every = logits.new_zeros(batch.whole, logits.shape[1])
        if len(batch.rows):
            every[batch.rows] = logits
        # torch has no gradient if a batch contains no window at all.
        reached = loss.new_tensor([float(each.grad is not None) for each in self._dense])
        signals = loss.new_zeros(launch.size)
        signals[launch.rank] = self._group.noted_signal
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in self._dense]
        pieces = [*gradients, every, reached, loss, signals]
        flat = self._group.add_up(torch.cat([each.flatten() for each in pieces]))
        parts = flat.split([each.numel() for each in pieces])  # type: ignore[no-untyped-call]
        *gradients, every, reached, loss, signals = (
            part.view_as(piece) for part, piece in zip(parts, pieces, strict=True)
        )
        for parameter, gradient, processes in zip(
            self._dense, gradients, reached.tolist(), strict=True
        ):
            parameter.grad = gradient if processes else None
        if launch.leads and (number := int(signals.max())):
            self._group.is_ending = True
            pass_on(number)
        return every, loss

    def _join_rows_of_tables(self) -> None:
        """Let the gradient of each table be of the rows that any process has read."""
        for table in (each.table for each in self._tables.values()):
            sparse = table.grad
            if sparse is None:
                rows, values = torch.zeros(0, dtype=torch.int64), table.new_zeros(0, table.shape[1])
            else:
                sparse = sparse.coalesce()
                rows, values = sparse.indices()[0], sparse.values()
            rows = self._group.join_rows(rows.to(self.device))
            values = self._group.join_rows(values)
            table.grad = torch.sparse_coo_tensor(
                rows[None], values, table.shape, check_invariants=False
            )

    @contextmanager
    def _normalizing_across(self) -> Iterator[Across]:
        launch = self._group.launch
        across = Across(self._group.add_up, launch.rank, launch.size)
        for each in self._batch_norms:
            each.across = across
        try:
            yield across
        finally:
            for each in self._batch_norms:
                each.across = None
