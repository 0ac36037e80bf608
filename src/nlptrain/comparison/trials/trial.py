"""One trial: one config trained from one seed, in memory."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from typing import Any

from nlptrain.comparison.results import Stage, TrialRecord
from nlptrain.config.data import DataSection
from nlptrain.config.optimizer import AdamSection
from nlptrain.config.run import RunConfig
from nlptrain.config.text import TextSection
from nlptrain.config.training import TrainingSection
from nlptrain.datasets.build import build_dataset
from nlptrain.datasets.examples import Dataset
from nlptrain.errors import TrainingError
from nlptrain.evaluation.decision import choose_classes
from nlptrain.evaluation.metrics import Scores, score
from nlptrain.files.array_file import Arrays
from nlptrain.reporting.records import EvaluationRecord, StepRecord
from nlptrain.training.assembly import build_stack
from nlptrain.training.encoded_split import compute_logits
from nlptrain.training.engine import EngineChoice
from nlptrain.training.learner import ComputeLogits
from nlptrain.training.loop import train_side_by_side
from nlptrain.training.plan import Progress, build_plan
from nlptrain.training.preparation import Preparation, prepare
from nlptrain.training.refit import refit_arrays
from nlptrain.training.steps import Member


@dataclass(frozen=True)
class Trial:
    """One training to be done.

    Attributes:
        contestant: What it is a trial of.
        stage: Only a final trial reads the test split.
        config: All that decides it but the seed; its own seed decides the data.
        seed: Decides initial values, batches and dropout.
        settings: Which tuned settings of its config, but for the learning rate, have which values.
    """

    contestant: str
    stage: Stage
    config: RunConfig
    seed: int
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass
class Course:
    """A trial on its way: what its record is made of.

    Attributes:
        trial: What is to be done.
        evaluations: So far.
        seconds: Training time until each.
        best: Which of them was the best.
        best_arrays: The network then, or the one refitted for as long, where the test split is to
            be read.
        diverged: Whether a loss or a gradient was not finite.
    """

    trial: Trial
    evaluations: list[EvaluationRecord] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    best: int | None = None
    best_arrays: Arrays | None = None
    diverged: bool = False

    def note(
        self, evaluation: EvaluationRecord, seconds: float, copy_arrays: Callable[[], Arrays]
    ) -> None:
        """Add an evaluation, and keep the network if it is the best so far and will be tested."""
        if evaluation.is_best:
            self.best = len(self.evaluations)
            if self.trial.stage == "final":
                self.best_arrays = copy_arrays()
        self.evaluations.append(evaluation)
        self.seconds.append(seconds)

    def refit(self, config: RunConfig, preparation: Preparation, progress: Progress) -> None:
        """Put the network of `training.refit` in place of the best, if the config asks for it.

        Where it diverges, the best network stays, and the trial counts as diverged.
        """
        if not config.training.refit or self.best_arrays is None:
            return
        try:
            self.best_arrays = refit_arrays(config, preparation, progress)
        except TrainingError:
            self.diverged = True

    def finish(self, compute: Callable[[Arrays], ComputeLogits]) -> TrialRecord:
        """Write the record, with the test scores of the best network if there is one.

        Args:
            compute: Gives what computes the logits of a network of these arrays.
        """
        test: Scores | None = None
        others: tuple[float, ...] = ()
        if self.best_arrays is not None:
            test, others = _read_test(compute(self.best_arrays), self.trial.config)
        return TrialRecord(
            contestant=self.trial.contestant,
            stage=self.trial.stage,
            learning_rate=self.trial.config.optimizer.learning_rate,
            seed=self.trial.seed,
            steps=tuple(record.step for record in self.evaluations),
            seconds=tuple(self.seconds),
            train_losses=tuple(record.train_loss for record in self.evaluations),
            validation_losses=tuple(record.loss for record in self.evaluations),
            validation_accuracies=tuple(record.accuracy for record in self.evaluations),
            validation_macro_f1s=tuple(record.macro_f1 for record in self.evaluations),
            best=self.best,
            test_accuracy=test.accuracy if test else None,
            test_loss=test.loss if test else None,
            test_macro_f1=test.macro_f1 if test else None,
            diverged=self.diverged,
            other_accuracies=others,
            settings=self.trial.settings,
        )


def run_trials(trials: Sequence[Trial]) -> list[TrialRecord]:
    """Train trials side by side, all of one seed and network; each has the record as if alone.

    They start from the same values and see the same batches, and differ in optimizer and schedule.
    """
    preparation = prepare_for(trials[0].config)
    configs = [trial.config.model_copy(update={"seed": trial.seed}) for trial in trials]
    stack = build_stack(configs[0], preparation, [config.optimizer for config in configs])
    members = [Member(build_plan(config, preparation)) for config in configs]
    courses = dict(zip(members, map(Course, trials), strict=True))
    validation = preparation.splits["validation"]
    seconds, clock, timed = 0.0, time.perf_counter(), None
    for member, record in train_side_by_side(stack, members, preparation.train_split, validation):
        if isinstance(record, StepRecord):
            continue
        if (moment := (member.progress.step, type(record))) != timed:
            # Networks side by side share the time that they take, and end it together.
            now, timed = time.perf_counter(), moment
            seconds, clock = seconds + (now - clock) / stack.size, now
        if isinstance(record, EvaluationRecord):
            courses[member].note(record, seconds, partial(stack.arrays, member.place))
        else:
            courses[member].diverged = True
    for config, (member, course) in zip(configs, courses.items(), strict=True):
        course.refit(config, preparation, member.progress)
    return [course.finish(stack.compute_with) for course in courses.values()]


def _read_test(compute: ComputeLogits, config: RunConfig) -> tuple[Scores, tuple[float, ...]]:
    """Score a network on the test split; its accuracy too on each set of other lengths."""
    preparation = prepare_for(config)
    test, others = preparation.splits["test"], preparation.other_lengths
    scores = score(compute_logits(compute, test.texts), test.classes, preparation.loss)
    if others is None:
        return scores, ()
    predicted = choose_classes(compute_logits(compute, others.texts))
    # Each set has as many strings as the test split, and they stand one after another.
    right = (predicted == others.classes).reshape(len(config.data.evaluate_lengths), -1)
    return scores, tuple(right.mean(axis=1).tolist())


def engine_of(config: RunConfig) -> EngineChoice:
    """Return which engine computes the trials of a config."""
    return prepare_for(config).engine


def prepare_for(config: RunConfig) -> Preparation:
    """Build data and network's description; trials that differ in training alone share them."""
    # The precision decides the engine.
    training = TrainingSection(precision=config.training.precision)
    return _prepare(config.model_copy(update={"optimizer": AdamSection(), "training": training}))


@lru_cache(maxsize=8)
def _prepare(config: RunConfig) -> Preparation:
    return prepare(config, draw(config.data, config.text, config.seed))


@lru_cache(maxsize=16)
def draw(data: DataSection, text: TextSection, seed: int) -> Dataset:
    """Build the strings once for all networks that are trained on them."""
    return build_dataset(data, text, seed=seed)
