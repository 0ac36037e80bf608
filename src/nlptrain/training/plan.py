"""The length of training and its progress: all that a step needs to know about the others."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from nlptrain.config.run import RunConfig
from nlptrain.settings import kinds
from nlptrain.training.preparation import Preparation
from nlptrain.training.schedule import build_schedule

MOST_SKIPPED = 20
"""Skipped steps in a row after which training stops, as it no longer learns anything."""

MOST_AHEAD = 256
"""Steps that a device makes before anything of them is read, at most: their batches are kept."""


@dataclass(frozen=True)
class Plan:
    """How long to train, and what to measure along the way.

    Attributes:
        total_steps: Updates in all.
        steps_per_epoch: Updates per epoch.
        batch_size: Strings per update.
        seed: Determines the order of the batches.
        learning_rate: The learning rate of each step, counted from 0.
        loss: mse, bce or cross_entropy.
        best_by: accuracy, macro_f1 or loss.
        patience: Evaluations without improvement before stopping; None to never stop early.
        evaluate_every_steps: Steps between evaluations; None for one epoch.
        log_every_steps: Steps between measurements of the gradient's norm.
        on_nonfinite: stop or skip, at a step whose loss or gradient is not finite.
        checkpoint_every_steps: Steps between checkpoints; None if steps do not decide.
    """

    total_steps: int
    steps_per_epoch: int
    batch_size: int
    seed: int
    learning_rate: Callable[[int], float]
    loss: kinds.Loss
    best_by: str
    patience: int | None
    evaluate_every_steps: int | None
    log_every_steps: int
    on_nonfinite: str = "stop"
    checkpoint_every_steps: int | None = None

    @property
    def most_skipped(self) -> int:
        """Steps in a row at which training stops if all are skipped; at most an epoch."""
        return min(MOST_SKIPPED, self.steps_per_epoch, self.total_steps)

    @property
    def epochs(self) -> int:
        """Epochs, the last one possibly incomplete."""
        return -(-self.total_steps // self.steps_per_epoch)

    def evaluates_after(self, step: int) -> bool:
        """Return whether to evaluate on the validation split after this many updates."""
        interval = self.evaluate_every_steps or self.steps_per_epoch
        return step > 0 and (step % interval == 0 or step == self.total_steps)

    def measures_gradient(self, step: int) -> bool:
        """Return whether the norm of this step's gradient is logged; the step counts from 0."""
        return (step + 1) % self.log_every_steps == 0

    def next_reading(self, step: int) -> int:
        """Return after how many updates in all something is logged, evaluated or saved next."""
        intervals = (
            self.log_every_steps,
            self.evaluate_every_steps or self.steps_per_epoch,
            self.checkpoint_every_steps or MOST_AHEAD,
        )
        nexts = (step + each - step % each for each in intervals)
        return min(self.total_steps, step + MOST_AHEAD, *nexts)


@dataclass
class Progress:
    """The progress of training; with the learner's state, all that a resumed run needs.

    Attributes:
        step: Steps so far.
        evaluated_step: The step of the last evaluation.
        best: The best evaluation's (score, −loss).
        best_step: Its step; 0 before the first evaluation.
        evaluations_since_best: Evaluations since then.
        loss_sum: Sum of the training loss over all strings since the last evaluation.
        correct: Strings classified correctly since the last evaluation.
        examples: Strings seen since the last evaluation.
        skipped: Steps so far without an update, as their loss or gradient was not finite.
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

    def take_means(self) -> tuple[float, float]:
        """Return training loss and accuracy since the last evaluation, and count from here on.

        Both are NaN if all steps were skipped.
        """
        examples = self.examples or math.nan
        means = self.loss_sum / examples, self.correct / examples
        self.evaluated_step = self.step
        self.loss_sum, self.correct, self.examples = 0.0, 0, 0
        return means


def build_plan(config: RunConfig, preparation: Preparation) -> Plan:
    """Plan how long to train, at which learning rates, and when to evaluate."""
    training = config.training
    steps_per_epoch = -(-len(preparation.splits["train"]) // training.batch_size)
    total_steps = training.steps or training.epochs * steps_per_epoch
    factor = build_schedule(
        training.schedule, total_steps=total_steps, steps_per_epoch=steps_per_epoch
    )
    learning_rate = config.optimizer.learning_rate
    return Plan(
        total_steps=total_steps,
        steps_per_epoch=steps_per_epoch,
        batch_size=training.batch_size,
        seed=config.seed,
        learning_rate=lambda step: learning_rate * factor(step),
        loss=preparation.loss,
        best_by=training.best_by,
        patience=training.patience,
        evaluate_every_steps=training.evaluate_every_steps,
        log_every_steps=config.logging.every_steps,
        on_nonfinite=training.on_nonfinite,
        checkpoint_every_steps=training.checkpoint_every_steps,
    )


def build_refit_plan(config: RunConfig, preparation: Preparation, best_step: int) -> Plan:
    """Plan the training of `training.refit`: the same plan with more strings, ended earlier.

    All lengths but a warmup count in epochs: N steps of a training with s per epoch become
    N · s′ / s with s′ per epoch, rounded up.

    Args:
        config: The run's.
        preparation: Of the first training.
        best_step: The step that validation chose.
    """
    joined = preparation.join_validation()
    steps_per_epoch = build_plan(config, preparation).steps_per_epoch
    plan = build_plan(config, joined)

    def stretch(steps: int) -> int:
        return -(-steps * plan.steps_per_epoch // steps_per_epoch)

    if (steps := config.training.steps) is not None:
        training = config.training.model_copy(update={"steps": stretch(steps)})
        plan = build_plan(config.model_copy(update={"training": training}), joined)
    return replace(plan, total_steps=stretch(best_step), patience=None)


def out_of_patience(plan: Plan, progress: Progress) -> bool:
    """Return whether too many evaluations have passed without improvement."""
    return plan.patience is not None and progress.evaluations_since_best >= plan.patience
