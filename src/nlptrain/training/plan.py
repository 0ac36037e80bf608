"""How long a training takes and where it stands: all that a step needs to know of the others."""

from collections.abc import Callable
from dataclasses import dataclass, field

from nlptrain.config.run import RunConfig
from nlptrain.settings import kinds
from nlptrain.training.preparation import Preparation
from nlptrain.training.schedule import build_schedule

MOST_SKIPPED = 20
"""Skipped steps in a row after which no more are: nothing is learnt any longer."""


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
    loss: kinds.Loss
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
        """Return whether the validation split is looked at after so many updates."""
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


def build_plan(config: RunConfig, preparation: Preparation) -> Plan:
    """Plan how long to train, at which learning rate, and when to look."""
    training = config.training
    steps_per_epoch = -(-len(preparation.splits["train"].classes) // training.batch_size)
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
    )


def out_of_patience(plan: Plan, progress: Progress) -> bool:
    """Return whether too many evaluations have passed without a better one."""
    return plan.patience is not None and progress.evaluations_since_best >= plan.patience
