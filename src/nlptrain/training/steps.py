"""The updates between two evaluations, and their records."""

import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from nlptrain.errors import NonFiniteStepError, TrainingError
from nlptrain.reporting.records import Record, StepRecord
from nlptrain.training.learner import Batch, LearnerStack, SingleLearner, StepResult
from nlptrain.training.learner_ahead import LearnerAhead
from nlptrain.training.plan import Plan, Progress

SECONDS_AHEAD = 0.5
"""After so long, what a device has computed is read: somebody may look at it, or want to stop."""


@dataclass(eq=False)
class Member:
    """One of several networks that train side by side.

    Attributes:
        plan: Members differ only in the learning rate.
        progress: Initially the same for all members; kept up to date.
        place: Its index in the stack.
    """

    plan: Plan
    progress: Progress = field(default_factory=Progress)
    place: int = 0


Event = tuple[Member, Record | TrainingError]
"""A network's record, or the error that ends its training."""


def find_ahead(stack: LearnerStack) -> LearnerAhead | None:
    """Return a stack's only learner, if it does not wait for its device."""
    if isinstance(stack, SingleLearner) and isinstance(stack.learner, LearnerAhead):
        return stack.learner
    return None


def make_steps(
    stack: LearnerStack,
    ahead: LearnerAhead | None,
    running: Sequence[Member],
    batches: Iterator[Batch],
) -> Iterable[list[Event]]:
    """Make one step, or several before anything of them is read, and give the events of each."""
    if ahead is None:
        return [_step(stack, running, next(batches))]
    (member,) = running
    records = _step_ahead(ahead, member.plan, member.progress, batches)
    return ([(member, record)] for record in records)


def _step(stack: LearnerStack, running: Sequence[Member], batch: Batch) -> list[Event]:
    plan, step = running[0].plan, running[0].progress.step
    rates = [member.plan.learning_rate(step) for member in running]
    results = stack.step(
        batch,
        step=step,
        learning_rates=np.array(rates),
        measure_gradient=plan.measures_gradient(step),
    )
    return [
        (member, _record_step(result, len(batch.classes), rate, member.plan, member.progress))
        for member, result, rate in zip(running, results, rates, strict=True)
    ]


def _step_ahead(
    learner: LearnerAhead, plan: Plan, progress: Progress, batches: Iterator[Batch]
) -> Iterator[StepRecord | NonFiniteStepError]:
    """Make steps until something is to be logged, evaluated or saved, then read all of them."""
    made: list[tuple[int, float]] = []
    stop = time.monotonic() + SECONDS_AHEAD
    for step in range(progress.step, plan.next_reading(progress.step)):
        batch, rate = next(batches), plan.learning_rate(step)
        learner.step_ahead(
            batch, step=step, learning_rate=rate, measure_gradient=plan.measures_gradient(step)
        )
        made.append((len(batch.classes), rate))
        if time.monotonic() > stop:
            break
    last = progress.step + len(made)
    for (examples, rate), result in zip(made, learner.read(), strict=True):
        record = _record_step(result, examples, rate, plan, progress)
        if isinstance(record, NonFiniteStepError):
            yield record
            return
        yield record if record.step == last else replace(record, settled=False)


def _record_step(
    result: StepResult, examples: int, learning_rate: float, plan: Plan, progress: Progress
) -> StepRecord | NonFiniteStepError:
    """Update the progress, unless the step ends training."""
    step = progress.step
    if result.finite:
        progress.loss_sum += result.loss * examples
        progress.correct += result.correct
        progress.examples += examples
        progress.skipped_in_a_row = 0
    elif plan.on_nonfinite == "stop" or progress.skipped_in_a_row + 1 >= plan.most_skipped:
        return NonFiniteStepError(_describe_nonfinite(result, plan, progress))
    else:
        progress.skipped += 1
        progress.skipped_in_a_row += 1
    progress.step = step + 1
    return StepRecord(
        step=step + 1,
        epoch=step // plan.steps_per_epoch + 1,
        loss=result.loss,
        correct=result.correct,
        examples=examples,
        learning_rate=learning_rate,
        grad_norm=result.grad_norm,
        skipped=not result.finite,
    )


def _describe_nonfinite(result: StepResult, plan: Plan, progress: Progress) -> str:
    step = progress.step + 1
    problem = f"the training loss of step {step:,} is {result.loss}"
    if math.isfinite(result.loss):
        problem = f"the gradient of step {step:,} is not finite (its loss is {result.loss:.4g})"
    if progress.skipped_in_a_row:
        problem += f", as in the {progress.skipped_in_a_row:,} steps skipped before it"
    return f"{problem}: {advise(plan, progress)}"


def advise(plan: Plan, progress: Progress) -> str:
    """Explain that training diverged, what is kept, and what to change."""
    kept = f"the best model so far, of step {progress.best_step:,}, is kept; "
    # Of the last update, since its result is what overflows.
    learning_rate = plan.learning_rate(max(progress.step - 1, 0))
    return (
        f"training diverged; {kept if progress.best_step else ''}"
        f"train again with a smaller optimizer.learning_rate (it was {learning_rate:g}), "
        "or clip the gradient: --set training.max_grad_norm=1"
    )
