"""Several networks trained as one model, one after the other in each step, in either engine."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import LostProcessError
from nlptrain.evaluation.decision import choose_classes
from nlptrain.files.array_file import Arrays
from nlptrain.numpy_nn.members import join_logits, stack, take
from nlptrain.training.learner import Batch, Computed, Differential, LearnerInHalves, StepResult


class MembersInTurn:
    """M networks that learn from the same batches, and predict together; implements `Learner`.

    What is reported of a step, and which arrays have the axis M, is as in `MembersSideBySide`.
    """

    def __init__(self, members: Sequence[LearnerInHalves]) -> None:
        self._members = members

    # If training diverges, the loop ends it, with a better message than NumPy's warnings.
    @np.errstate(all="ignore")
    def step(
        self, batch: Batch, *, step: int, learning_rate: float, measure_gradient: bool
    ) -> StepResult:
        """Update all members once, unless the loss or the gradient of one is not finite."""
        computed = self._compute(batch, step)
        loss = float(np.mean([each.loss for each in computed]))
        predicted = choose_classes(join_logits(np.stack([each.logits for each in computed])))
        correct = int(np.count_nonzero(predicted == batch.classes))
        if not all(each.finite for each in computed):
            self._restore_statistics(computed)
            return StepResult(loss, correct, grad_norm=None, finite=False)
        norms = [member.update(learning_rate, measure_gradient) for member in self._members]
        known = [norm for norm in norms if norm is not None]
        return StepResult(loss, correct, float(np.mean(known)) if known else None)

    def _compute(self, batch: Batch, step: int) -> list[Computed]:
        computed: list[Computed] = []
        try:
            for member in self._members:
                each = member.compute(batch, step)
                computed.append(each)
        except LostProcessError:
            # What is saved then is the state before the step.
            self._restore_statistics(computed)
            raise
        return computed

    def _restore_statistics(self, computed: Sequence[Computed]) -> None:
        for member, each in zip(self._members, computed, strict=False):
            member.restore_statistics(each.statistics)

    def differentiate(self, batch: Batch, *, step: int) -> Differential:
        """Compute what `step` would compute before its update, and change nothing: (M, …)."""
        each = [member.differentiate(batch, step=step) for member in self._members]
        return Differential(
            float(np.mean([one.loss for one in each])),
            stack([one.outputs for one in each]),
            stack([one.gradients for one in each]),
        )

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.floating]:
        """Compute the logits of all members together, as for predictions: (B, 1 or C)."""
        return join_logits(np.stack([member.logits(ids, lengths) for member in self._members]))

    def begin_evaluation(self) -> None:
        """Put the parameters that predict in place, until the next step."""
        for member in self._members:
            member.begin_evaluation()

    def arrays(self) -> Arrays:
        """Copy the parameters and running statistics (M, …), by torch's names."""
        return stack([member.arrays() for member in self._members])

    def state(self) -> Arrays:
        """Copy all that the next step depends on: the arrays and the optimizers' state (M, …)."""
        return stack([member.state() for member in self._members])

    def load_arrays(self, arrays: Arrays) -> None:
        """Restore what `arrays` returned."""
        for number, member in enumerate(self._members):
            member.load_arrays(take(arrays, number))

    def load_state(self, state: Arrays) -> None:
        """Restore what `state` returned."""
        for number, member in enumerate(self._members):
            member.load_state(take(state, number))
