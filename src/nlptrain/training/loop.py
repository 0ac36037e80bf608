"""The training loop: a generator that neither prints nor saves."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.batches import epoch_batches, ordered_batches
from nlptrain.errors import NonFiniteStepError, TrainingError
from nlptrain.evaluation.metrics import Scores, score
from nlptrain.reporting.records import EvaluationRecord, Record, StepRecord
from nlptrain.text.encoding import EncodedTexts
from nlptrain.training.learner import Batch, Learner, StepResult

EVALUATION_BATCH_SIZE = 512

MOST_SKIPPED = 20
"""Skipped steps in a row after which no more are: nothing is learnt any longer."""

ComputeLogits = Callable[[NDArray[np.int32], NDArray[np.int64]], NDArray[np.floating]]
"""(ids (B, T), lengths (B,)) → logits (…, B, 1 or C)."""


@dataclass(frozen=True, eq=False)
class EncodedSplit:
    """A split as the network sees it.

    Attributes:
        texts: Token ids.
        classes: Class indices (N,).
    """

    texts: EncodedTexts
    classes: NDArray[np.int64]

    def batch(self, indices: NDArray[np.integer]) -> Batch:
        """Gather some strings."""
        ids, lengths = self.texts.batch(indices)
        return Batch(ids, lengths, self.classes[indices])


@dataclass(frozen=True)
class Plan:
    """How long to train, and what to look at on the way.

    Attributes:
        total_steps: Updates in all.
        steps_per_epoch: Updates in one pass.
        batch_size: Strings an update.
        seed: Decides the order of the batches.
        learning_rate: The learning rate of each step, counted from 0.
        loss: mse, bce or cross_entropy.
        best_by: accuracy, macro_f1 or loss.
        patience: Evaluations without a better one before stopping; None: no stopping.
        evaluate_every_steps: Steps between evaluations; None: an epoch.
        log_every_steps: Steps between two measurements of the gradient's norm.
        on_nonfinite: stop or skip, at a step whose loss or gradient is not finite.
    """

    total_steps: int
    steps_per_epoch: int
    batch_size: int
    seed: int
    learning_rate: Callable[[int], float]
    loss: str
    best_by: str
    patience: int | None
    evaluate_every_steps: int | None
    log_every_steps: int
    on_nonfinite: str = "stop"

    @property
    def most_skipped(self) -> int:
        """Steps in a row that may be skipped; a whole epoch of them is one in vain already."""
        return min(MOST_SKIPPED, self.steps_per_epoch, self.total_steps)

    @property
    def epochs(self) -> int:
        """Passes over the training strings, the last one perhaps in part."""
        return -(-self.total_steps // self.steps_per_epoch)

    def evaluates_after(self, step: int) -> bool:
        """Tell whether the validation split is looked at after so many updates."""
        interval = self.evaluate_every_steps or self.steps_per_epoch
        return step > 0 and (step % interval == 0 or step == self.total_steps)


@dataclass
class Progress:
    """Where a training stands; with the learner's state, all that a resumed run needs.

    Attributes:
        step: Updates so far.
        evaluated_step: The step of the last evaluation.
        best: The best evaluation's (score, −loss).
        best_step: Its step; 0 before there is one.
        evaluations_since_best: Evaluations without a better one.
        loss_sum: Training loss of each string since the last evaluation, added up.
        correct: Strings right since then.
        examples: Strings seen since then.
        skipped: Steps so far that made no update, since their loss or gradient was not finite.
        skipped_in_a_row: Those since the last update.
    """

    step: int = 0
    evaluated_step: int = 0
    best: list[float] = field(default_factory=lambda: [0.0, 0.0])
    best_step: int = 0
    evaluations_since_best: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    examples: int = 0
    skipped: int = 0
    skipped_in_a_row: int = 0


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


def evaluate(learner: Learner, split: EncodedSplit, loss: str) -> Scores:
    """Score the network on a split."""
    return score(compute_logits(learner.logits, split.texts), split.classes, loss)


def compute_logits(compute: ComputeLogits, texts: EncodedTexts) -> NDArray[np.floating]:
    """Compute the logits of all strings, those of like length together: (…, N, 1 or C)."""
    batches = ordered_batches(texts.lengths, EVALUATION_BATCH_SIZE)
    by_length = np.concatenate([compute(*texts.batch(batch)) for batch in batches], axis=-2)
    logits = np.empty_like(by_length)
    logits[..., np.concatenate(batches), :] = by_length
    return logits


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
        confusion_matrix=scores.confusion_matrix,
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
    """Say what may help a training whose numbers are no longer finite."""
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


def out_of_patience(plan: Plan, progress: Progress) -> bool:
    """Tell whether too many evaluations have passed without a better one."""
    return plan.patience is not None and progress.evaluations_since_best >= plan.patience
