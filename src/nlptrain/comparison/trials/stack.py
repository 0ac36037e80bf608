"""Which trials train side by side in one computation."""

from collections.abc import Hashable, Sequence
from itertools import pairwise

from nlptrain.comparison.trials.trial import Trial, engine_of, prepare_for
from nlptrain.config.optimizer import AdamSection
from nlptrain.config.training import ConstantSchedule
from nlptrain.training.stacked_learner import networks_in_training


def stack_key(trial: Trial) -> Hashable | None:
    """Return which trials may share a stack: those of equal keys; None: of none.

    They differ in optimizer and schedule. One seed gives them the same batches and dropout masks.
    A trial of several members is a stack of its own.
    """
    training = trial.config.training
    if training.on_nonfinite == "skip" or training.members > 1:
        return None
    if engine_of(trial.config).name != "numpy":
        return None
    training = training.model_copy(update={"schedule": ConstantSchedule()})
    update = {"optimizer": AdamSection(), "training": training}
    return trial.config.model_copy(update=update), trial.seed


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
    return networks_in_training(prepare_for(trial.config), trial.config.training)


def _cut(trials: list[Trial], size: int) -> list[list[Trial]]:
    """Cut trials into as few stacks as there must be, of like sizes."""
    count = -(-len(trials) // size)
    ends = [len(trials) * number // count for number in range(count + 1)]
    return [trials[start:end] for start, end in pairwise(ends)]
