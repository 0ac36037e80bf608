"""Trials of one shape and seed trained in one computation; the records are those of each alone."""

import time
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

import numpy as np

from nlptrain.comparison.results import TrialRecord
from nlptrain.comparison.trial import Course, Trial, engine_of, prepare_for
from nlptrain.config.optimizer import AdamSection
from nlptrain.errors import TrainingError
from nlptrain.evaluation.metrics import Scores, score
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.training.encoded_split import EncodedSplit, compute_logits
from nlptrain.training.engine import build_stacked_learner
from nlptrain.training.learner import Batch
from nlptrain.training.loop import record_evaluation, step_batches
from nlptrain.training.plan import Plan, Progress, build_plan, out_of_patience
from nlptrain.training.preparation import Preparation
from nlptrain.training.stacked_learner import StackedLearner, networks_at_once


def stack_key(trial: Trial) -> Hashable | None:
    """Return which trials may share a stack: those of equal keys; None: of none.

    They differ in the optimizer alone. One seed gives them the same batches and dropout masks.
    """
    if trial.config.training.on_nonfinite == "skip" or engine_of(trial.config).name != "numpy":
        return None
    return trial.config.model_copy(update={"optimizer": AdamSection()}), trial.seed


def group_trials(trials: Sequence[Trial], max_size: int | None = None) -> list[list[Trial]]:
    """Put trials into stacks that are fast, in their order; one that is faster alone is alone.

    Args:
        trials: Those whose optimizers differ in the learning rate alone next to each other, since
            such are updated together.
        max_size: Most trials of a stack, so that all processes have one; None: what is fastest.
    """
    alike: dict[Hashable, list[Trial]] = {}
    for number, trial in enumerate(trials):
        key = stack_key(trial)
        alike.setdefault(number if key is None else key, []).append(trial)
    return [
        stack
        for group in alike.values()
        for stack in _cut(group, min(_fastest_size(group[0]), max_size or len(group)))
    ]


def _fastest_size(trial: Trial) -> int:
    preparation, training = prepare_for(trial.config), trial.config.training
    lengths = preparation.splits["train"].texts.lengths
    positions = int(min(training.batch_size, len(lengths)) * max(1.0, lengths.mean()))
    itemsize = np.dtype(training.dtype).itemsize
    return networks_at_once(preparation.architecture, positions, itemsize)


def _cut(trials: list[Trial], size: int) -> list[list[Trial]]:
    """Cut trials into as few stacks as there must be, of like sizes."""
    count = -(-len(trials) // size)
    ends = [len(trials) * number // count for number in range(count + 1)]
    return [trials[start:end] for start, end in pairwise(ends)]


def run_stack(trials: Sequence[Trial]) -> list[TrialRecord]:
    """Train trials of one stack key side by side: the records of `run_trial`, seconds aside."""
    preparation = prepare_for(trials[0].config)
    configs = [trial.config.model_copy(update={"seed": trial.seed}) for trial in trials]
    optimizers = [config.optimizer for config in configs]
    learner = build_stacked_learner(configs[0], preparation, optimizers)
    members = [
        _Member(Course(trial), build_plan(config, preparation))
        for trial, config in zip(trials, configs, strict=True)
    ]
    _Stack(learner, members).train(preparation)
    return [
        member.course.finish(lambda arrays: Classifier(preparation.architecture, arrays).logits)
        for member in members
    ]


@dataclass(eq=False)
class _Member:
    """One trial of a stack."""

    course: Course
    plan: Plan
    progress: Progress = field(default_factory=Progress)


class _Stack:
    """Trials on their way; those that end early leave it, and the others go on."""

    def __init__(self, learner: StackedLearner, members: Sequence[_Member]) -> None:
        self._learner = learner
        self._running = list(members)
        # Since the last evaluation, of each running network: (M,). The same sums as `Progress` has.
        self._loss_sums = np.zeros(len(members))
        self._correct = np.zeros(len(members), np.int64)
        self._examples = 0
        self._seconds = 0.0
        self._clock = time.perf_counter()

    def train(self, preparation: Preparation) -> None:
        """Train until the last trial has ended."""
        plan = self._running[0].plan
        batches = step_batches(preparation.train_split, plan, 0)
        validation = preparation.splits["validation"]
        for step in range(plan.total_steps):
            self._step(next(batches), step)
            if self._running and plan.evaluates_after(step + 1):
                self._evaluate(validation, step + 1)
            if not self._running:
                return

    def _step(self, batch: Batch, step: int) -> None:
        rates = np.array([member.plan.learning_rate(step) for member in self._running])
        result = self._learner.step(batch, step=step, learning_rates=rates)
        examples = len(batch.classes)
        self._loss_sums += result.losses * examples
        self._correct += result.correct
        self._examples += examples
        if not result.finite.all():
            for place in np.flatnonzero(~result.finite):
                self._running[place].course.diverged = True
            self._keep(np.flatnonzero(result.finite).tolist())

    def _evaluate(self, validation: EncodedSplit, step: int) -> None:
        loss = self._running[0].plan.loss
        with np.errstate(over="ignore", invalid="ignore"):
            self._learner.settle_unknown()
            by_network = compute_logits(self._learner.logits, validation.texts)
            scores = [score(logits, validation.classes, loss) for logits in by_network]
        self._take_time()
        staying = [
            place for place in range(len(self._running)) if self._note(place, step, scores[place])
        ]
        self._loss_sums[:], self._correct[:], self._examples = 0, 0, 0
        self._keep(staying)

    def _note(self, place: int, step: int, scores: Scores) -> bool:
        """Note a network's evaluation, and tell whether it goes on."""
        member = self._running[place]
        course, progress = member.course, member.progress
        progress.step, progress.examples = step, self._examples
        progress.loss_sum = float(self._loss_sums[place])
        progress.correct = int(self._correct[place])
        try:
            record = record_evaluation(scores, member.plan, progress)
        except TrainingError:
            course.diverged = True
            return False
        course.note(record, self._seconds, partial(self._learner.arrays, place))
        return not out_of_patience(member.plan, progress)

    def _keep(self, places: Sequence[int]) -> None:
        """Let all networks but these go: what is left is the faster for it."""
        if len(places) == len(self._running):
            return
        self._take_time()
        self._running = [self._running[place] for place in places]
        self._loss_sums, self._correct = self._loss_sums[places], self._correct[places]
        if self._running:
            self._learner.keep(places)

    def _take_time(self) -> None:
        """Share the time since the last call among the networks that took it."""
        now = time.perf_counter()
        self._seconds += (now - self._clock) / len(self._running)
        self._clock = now
