"""The training loop: a generator that neither prints nor saves."""

import math
from collections.abc import Callable, Iterator
from itertools import count

import numpy as np

from nlptrain import kinds
from nlptrain.datasets.batches import epoch_batches
from nlptrain.errors import NonFiniteStepError, TrainingError
from nlptrain.evaluation.metrics import Scores, score
from nlptrain.reporting.records import EvaluationRecord, Record, StepRecord
from nlptrain.training.encoded_split import EncodedSplit, compute_logits
from nlptrain.training.learner import Batch, Learner, StepResult
from nlptrain.training.plan import Plan, Progress, out_of_patience


def train(
    learner: Learner,
    train_split: Callable[[int], EncodedSplit],
    validation: EncodedSplit,
    plan: Plan,
    progress: Progress,
) -> Iterator[Record]:
    """Train from where the progress stands, and yield a record after each step and evaluation.

    Between two records the learner's state and the progress belong together: that is where to
    save them.

    Args:
        learner: What is trained.
        train_split: The strings of each epoch, as many in all of them.
        validation: The strings that choose the best step.
        plan: How long, and what to look at.
        progress: Where to begin; kept up to date.

    Raises:
        NonFiniteStepError: A step's loss or gradient is not finite; the learner and the progress
            are as before that step.
        TrainingError: The validation loss is not finite.
    """
    batches = step_batches(train_split, plan, progress.step)
    while True:
        step = progress.step
        if plan.evaluates_after(step) and progress.evaluated_step != step:
            yield _evaluate(learner, validation, plan, progress)
        if step >= plan.total_steps or out_of_patience(plan, progress):
            return
        yield _step(learner, next(batches), plan, progress)


def step_batches(
    train_split: Callable[[int], EncodedSplit], plan: Plan, first_step: int
) -> Iterator[Batch]:
    """Gather the batch of each step, without end, from a step on.

    Args:
        train_split: Gives the training strings of an epoch.
        plan: Of the training.
        first_step: Updates before the first.
    """
    first_epoch, position = divmod(first_step, plan.steps_per_epoch)
    for epoch in count(first_epoch):
        split = train_split(epoch)
        batches = epoch_batches(split.texts.lengths, plan.batch_size, plan.seed, epoch)
        for indices in batches[position:]:
            yield split.batch(indices)
        position = 0


def evaluate(learner: Learner, split: EncodedSplit, loss: kinds.Loss) -> Scores:
    """Score the network on a split."""
    return score(compute_logits(learner.logits, split.texts), split.classes, loss)


def _step(learner: Learner, batch: Batch, plan: Plan, progress: Progress) -> StepRecord:
    step = progress.step
    learning_rate = plan.learning_rate(step)
    # What overflows here ends the training below, with a better message.
    with np.errstate(over="ignore", invalid="ignore"):
        result = learner.step(
            batch,
            step=step,
            learning_rate=learning_rate,
            measure_gradient=(step + 1) % plan.log_every_steps == 0,
        )
    examples = len(batch.classes)
    if result.finite:
        progress.loss_sum += result.loss * examples
        progress.correct += result.correct
        progress.examples += examples
        progress.skipped_in_a_row = 0
    else:
        _count_skipped(result, plan, progress)
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


def _count_skipped(result: StepResult, plan: Plan, progress: Progress) -> None:
    """Count a step that made no update, where the config lets it pass.

    Raises:
        NonFiniteStepError: It does not, or too many were skipped in a row.
    """
    if plan.on_nonfinite == "stop" or progress.skipped_in_a_row + 1 >= plan.most_skipped:
        raise NonFiniteStepError(_describe_nonfinite(result, plan, progress))
    progress.skipped += 1
    progress.skipped_in_a_row += 1


def _describe_nonfinite(result: StepResult, plan: Plan, progress: Progress) -> str:
    step = progress.step + 1
    problem = f"the training loss of step {step:,} is {result.loss}"
    if math.isfinite(result.loss):
        problem = f"the gradient of step {step:,} is not finite (its loss is {result.loss:.4g})"
    if progress.skipped_in_a_row:
        problem += f", as in the {progress.skipped_in_a_row:,} steps skipped before it"
    return f"{problem}: {_advise(plan, progress)}"


def _evaluate(
    learner: Learner, validation: EncodedSplit, plan: Plan, progress: Progress
) -> EvaluationRecord:
    # What overflows here ends the training below, with a better message.
    with np.errstate(over="ignore", invalid="ignore"):
        learner.settle_unknown()
        scores = evaluate(learner, validation, plan.loss)
    return record_evaluation(scores, plan, progress)


def record_evaluation(scores: Scores, plan: Plan, progress: Progress) -> EvaluationRecord:
    """Hold validation scores against the best so far, and bring the progress up to date.

    Raises:
        TrainingError: The loss is not a finite number.
    """
    if not math.isfinite(scores.loss):
        raise TrainingError(
            f"the validation loss after step {progress.step:,} is {scores.loss}: "
            f"{_advise(plan, progress)}"
        )
    # Better by the named score; the loss decides between equals.
    rank = [-scores.loss if plan.best_by == "loss" else getattr(scores, plan.best_by), -scores.loss]
    is_best = rank > progress.best or progress.best_step == 0
    record = EvaluationRecord(
        step=progress.step,
        epoch=(progress.step - 1) // plan.steps_per_epoch + 1,
        train_loss=_divide(progress.loss_sum, progress.examples),
        train_accuracy=_divide(progress.correct, progress.examples),
        loss=scores.loss,
        accuracy=scores.accuracy,
        macro_f1=scores.macro_f1,
        confusion=scores.confusion,
        is_best=is_best,
    )
    progress.evaluated_step = progress.step
    progress.loss_sum, progress.correct, progress.examples = 0.0, 0, 0
    if is_best:
        progress.best, progress.best_step = rank, progress.step
        progress.evaluations_since_best = 0
    else:
        progress.evaluations_since_best += 1
    return record


def _advise(plan: Plan, progress: Progress) -> str:
    """Describe what may help a training whose numbers are no longer finite."""
    kept = f"the best model so far, of step {progress.best_step:,}, is kept; "
    # That of the last update: what it made of the parameters is what overflows.
    learning_rate = plan.learning_rate(max(progress.step - 1, 0))
    return (
        f"the training diverged; {kept if progress.best_step else ''}"
        f"train anew with a smaller optimizer.learning_rate (it was {learning_rate:g}), "
        "or clip the gradient: --set training.max_grad_norm=1"
    )


def _divide(total: float, examples: int) -> float:
    """Take a mean over strings; without any, as where each step was skipped, there is none."""
    return total / examples if examples else math.nan
