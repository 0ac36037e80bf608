"""The training loop: a generator that neither prints nor saves."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count, islice

import numpy as np

from nlptrain.errors import TrainingError
from nlptrain.evaluation.metrics import Scores, score
from nlptrain.reporting.records import EvaluationRecord, Record, TrainingMeans
from nlptrain.training.encoded_split import EncodedSplit, compute_logits
from nlptrain.training.learner import Batch, Learner, LearnerStack, SingleLearner
from nlptrain.training.learner_ahead import BatchSource, LearnerAhead
from nlptrain.training.plan import Plan, Progress, out_of_patience
from nlptrain.training.steps import Event, Member, advise, find_ahead, make_steps


def train(
    learner: Learner,
    train_split: Callable[[int], EncodedSplit],
    validation: EncodedSplit | None,
    plan: Plan,
    progress: Progress,
) -> Iterator[Record]:
    """Train from the given progress on, and yield a record after each step and evaluation.

    The learner's state and the progress are consistent at each settled record, so they can be saved
    then.

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
    ahead = find_ahead(stack)
    batches = step_batches(_place(ahead, train_split), plan, step)
    while running:
        if plan.evaluates_after(step) and evaluated_step != step:
            events = _evaluate(stack, running, validation) if validation else _sum_up(running)
            yield from events
            running = _drop(stack, running, _failed(events))
        impatient = {member for member in running if out_of_patience(plan, member.progress)}
        running = _drop(stack, running, impatient)
        if step >= plan.total_steps or not running:
            return
        for events in make_steps(stack, ahead, running, batches):
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


def _place(
    ahead: LearnerAhead | None, train_split: Callable[[int], EncodedSplit]
) -> Callable[[int], BatchSource]:
    """Let the strings of each epoch lie where a device computes."""
    return train_split if ahead is None else lambda epoch: ahead.place(train_split(epoch))


def step_batches(
    train_split: Callable[[int], BatchSource], plan: Plan, first_step: int
) -> Iterator[Batch]:
    """Yield the batch of each step, endlessly, from a given step on."""
    first_epoch, position = divmod(first_step, plan.steps_per_epoch)
    for epoch in count(first_epoch):
        batches = train_split(epoch).batches(plan.batch_size, plan.seed, epoch)
        yield from islice(batches, position, None)
        position = 0


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
            f"{advise(plan, progress)}"
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
