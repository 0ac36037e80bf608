"""The training loop: a generator that neither prints nor saves."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count, islice

import numpy as np

from nlptrain.errors import NonFiniteStepError, TrainingError
from nlptrain.evaluation.metrics import Scores, score
from nlptrain.reporting.records import EvaluationRecord, Record, StepRecord, TrainingMeans
from nlptrain.training.encoded_split import EncodedSplit, compute_logits
from nlptrain.training.learner import Batch, Learner, LearnerStack, SingleLearner, StepResult
from nlptrain.training.plan import Plan, Progress, out_of_patience


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


def train(
    learner: Learner,
    train_split: Callable[[int], EncodedSplit],
    validation: EncodedSplit | None,
    plan: Plan,
    progress: Progress,
) -> Iterator[Record]:
    """Train from the given progress on, and yield a record after each step and evaluation.

    The learner's state and the progress are consistent at each record, so they can be saved then.

    Args:
        learner: What to train.
        train_split: The strings of each epoch, equally many in all of them.
        validation: The strings that decide the best step; None: nothing is decided.
        plan: How long to train, and when to evaluate.
        progress: Where to start; kept up to date.

    Raises:
        NonFiniteStepError: A step's loss or gradient is not finite; the learner and the progress
            are as before that step.
        TrainingError: The validation loss is not finite.
    """
    members = [Member(plan, progress)]
    for _, record in train_side_by_side(SingleLearner(learner), members, train_split, validation):
        if isinstance(record, TrainingError):
            raise record
        yield record


def train_side_by_side(
    stack: LearnerStack,
    members: Sequence[Member],
    train_split: Callable[[int], EncodedSplit],
    validation: EncodedSplit | None,
) -> Iterator[Event]:
    """Train M networks on the same batches, and yield the records of each as if trained alone.

    A member, one per network, leaves the stack at the end of its plan or its patience, or with an
    error, and the others continue.
    """
    running, plan, progress = list(members), members[0].plan, members[0].progress
    for place, member in enumerate(running):
        member.place = place
    step, evaluated_step = progress.step, progress.evaluated_step
    batches = step_batches(train_split, plan, step)
    while running:
        if plan.evaluates_after(step) and evaluated_step != step:
            events = _evaluate(stack, running, validation) if validation else _sum_up(running)
            yield from events
            running = _drop(stack, running, _failed(events))
        impatient = {member for member in running if out_of_patience(plan, member.progress)}
        running = _drop(stack, running, impatient)
        if step >= plan.total_steps or not running:
            return
        events = _step(stack, running, next(batches))
        yield from events
        running = _drop(stack, running, _failed(events))
        step += 1


def _failed(events: Iterable[Event]) -> set[Member]:
    return {member for member, record in events if isinstance(record, TrainingError)}


def _drop(stack: LearnerStack, running: list[Member], leaving: set[Member]) -> list[Member]:
    if not leaving:
        return running
    staying = [member for member in running if member not in leaving]
    if staying:
        stack.keep([member.place for member in staying])
    for place, member in enumerate(staying):
        member.place = place
    return staying


def step_batches(
    train_split: Callable[[int], EncodedSplit], plan: Plan, first_step: int
) -> Iterator[Batch]:
    """Yield the batch of each step, endlessly, from a given step on."""
    first_epoch, position = divmod(first_step, plan.steps_per_epoch)
    for epoch in count(first_epoch):
        batches = train_split(epoch).batches(plan.batch_size, plan.seed, epoch)
        yield from islice(batches, position, None)
        position = 0


def _step(stack: LearnerStack, running: Sequence[Member], batch: Batch) -> list[Event]:
    plan, step = running[0].plan, running[0].progress.step
    rates = [member.plan.learning_rate(step) for member in running]
    results = stack.step(
        batch,
        step=step,
        learning_rates=np.array(rates),
        measure_gradient=(step + 1) % plan.log_every_steps == 0,
    )
    return [
        (member, _record_step(result, len(batch.classes), rate, member.plan, member.progress))
        for member, result, rate in zip(running, results, rates, strict=True)
    ]


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
    return f"{problem}: {_advise(plan, progress)}"


def _evaluate(
    stack: LearnerStack, running: Sequence[Member], validation: EncodedSplit
) -> list[Event]:
    # An overflow here ends training below, with a better message.
    with np.errstate(over="ignore", invalid="ignore"):
        stack.begin_evaluation()
        by_network = compute_logits(stack.logits, validation.texts)
        scores = [score(each, validation.classes, running[0].plan.loss) for each in by_network]
    return [
        (member, _record_evaluation(each, member.plan, member.progress))
        for member, each in zip(running, scores, strict=True)
    ]


def _sum_up(running: Sequence[Member]) -> list[Event]:
    """Record the training scores alone, where no split decides anything."""
    return [
        (
            member,
            TrainingMeans(
                member.progress.step,
                (member.progress.step - 1) // member.plan.steps_per_epoch + 1,
                *member.progress.take_means(),
            ),
        )
        for member in running
    ]


def _record_evaluation(
    scores: Scores, plan: Plan, progress: Progress
) -> EvaluationRecord | TrainingError:
    """Compare validation scores with the best so far, and update the progress."""
    if not math.isfinite(scores.loss):
        return TrainingError(
            f"the validation loss after step {progress.step:,} is {scores.loss}: "
            f"{_advise(plan, progress)}"
        )
    # Ranked by the named score; the loss breaks ties.
    rank = [-scores.loss if plan.best_by == "loss" else getattr(scores, plan.best_by), -scores.loss]
    is_best = rank > progress.best or progress.best_step == 0
    train_loss, train_accuracy = progress.take_means()
    record = EvaluationRecord(
        step=progress.step,
        epoch=(progress.step - 1) // plan.steps_per_epoch + 1,
        train_loss=train_loss,
        train_accuracy=train_accuracy,
        loss=scores.loss,
        accuracy=scores.accuracy,
        macro_f1=scores.macro_f1,
        confusion=scores.confusion,
        is_best=is_best,
    )
    progress.evaluations_since_best = 0 if is_best else progress.evaluations_since_best + 1
    if is_best:
        progress.best, progress.best_step = rank, progress.step
    return record


def _advise(plan: Plan, progress: Progress) -> str:
    kept = f"the best model so far, of step {progress.best_step:,}, is kept; "
    # Of the last update, since its result is what overflows.
    learning_rate = plan.learning_rate(max(progress.step - 1, 0))
    return (
        f"training diverged; {kept if progress.best_step else ''}"
        f"train again with a smaller optimizer.learning_rate (it was {learning_rate:g}), "
        "or clip the gradient: --set training.max_grad_norm=1"
    )
