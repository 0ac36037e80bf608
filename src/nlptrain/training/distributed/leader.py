"""The process that leads: it reads, decides, writes and prints, and the others compute with it.

So only what computes has to know that there are several: the others never see a config, a file or
the screen, and a training may go on with any number of processes, as with one.
"""

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError, LostProcessError
from nlptrain.files.array_file import Arrays
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.tracking.repeating import repeating
from nlptrain.training.distributed.commands import Build, Call, End
from nlptrain.training.distributed.follower import build_shared_learner
from nlptrain.training.distributed.group import BEAT, Group
from nlptrain.training.distributed.launch import Launch, set_current_group
from nlptrain.training.interruption import SIGNALS
from nlptrain.training.learner import Batch, Computed, Objective, StepResult

Start = tuple[Architecture, Arrays, Objective]
"""Of a network: its layers, its initial values, and what it minimizes."""


@contextmanager
def leading(launch: Launch) -> Iterator[None]:
    """Share out all trainings in this context among the processes that torchrun started.

    At its end, however it comes, the others end with the same exit status.
    """
    group = Group(launch)
    set_current_group(group)
    _end_by_signals_once(group)
    status: object = 1
    try:
        with repeating(group.beat, BEAT):
            yield
        status = 0
    except SystemExit as end:
        status = end.code
        raise
    finally:
        set_current_group(None)
        _dismiss(group, status if isinstance(status, int) else int(status is not None))


def _end_by_signals_once(group: Group) -> None:
    """Outside of the loop, end by a signal as usual, but not by one that follows from the end."""

    def end(number: int, _frame: FrameType | None) -> None:
        if group.is_ending:
            return
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)


def _dismiss(group: Group, status: int) -> None:
    if group.is_in_step:
        with suppress(LostProcessError):
            group.send(End(status))
    group.leave_status(status)
    group.disconnect()


class LeadingLearner:
    """Lets all processes do at once what it is asked for; implements `LearnerInHalves`."""

    def __init__(self, group: Group, build: Build) -> None:
        """Build the learner in every process, each on the device of its own number."""
        self._group = group
        self._number = build.number
        group.send(build)
        self._own = build_shared_learner(group, build)
        self.differentiate = self._own.differentiate
        self.arrays = self._own.arrays
        self.state = self._own.state

    def step(
        self, batch: Batch, *, step: int, learning_rate: float, measure_gradient: bool
    ) -> StepResult:
        """Update the parameters once, unless loss or gradient is not finite."""
        options = {"learning_rate": learning_rate, "measure_gradient": measure_gradient}
        result: StepResult = self._do("step", batch, step=step, **options)
        return result

    def compute(self, batch: Batch, step: int) -> Computed:
        """Do the first half of a step."""
        computed: Computed = self._do("compute", batch, step)
        return computed

    def update(self, learning_rate: float, measure_gradient: bool) -> float | None:
        """Do the second half, and return the gradient's norm before clipping, if known."""
        norm: float | None = self._do("update", learning_rate, measure_gradient)
        return norm

    def restore_statistics(self, before: Sequence[Any]) -> None:
        """Do without the second half; alone, where the others cannot be reached any more."""
        if self._group.is_in_step:
            self._do("restore_statistics", before)
        else:
            self._own.restore_statistics(before)

    def logits(self, ids: NDArray[np.int32], lengths: NDArray[np.int64]) -> NDArray[np.floating]:
        """Compute logits as for predictions: (B, 1 or C)."""
        found: NDArray[np.floating] = self._do("logits", ids, lengths)
        return found

    def begin_evaluation(self) -> None:
        """Put the parameters that predict in place, until the next step."""
        self._do("begin_evaluation")

    def load_arrays(self, arrays: Arrays) -> None:
        """Restore what `arrays` returned."""
        self._do("load_arrays", arrays)

    def load_state(self, state: Arrays) -> None:
        """Restore what `state` returned."""
        self._do("load_state", state)

    def _do(self, method: str, *arguments: Any, **options: Any) -> Any:
        """Call a method of the learner in every process."""
        with self._group.exchanging():
            self._group.send(Call(self._number, method, arguments, options))
            return getattr(self._own, method)(*arguments, **options)


def build_leading_learner(
    group: Group, config: RunConfig, start: Start, device: torch.device, threads: int
) -> LeadingLearner:
    """Build a learner in all processes.

    Args:
        group: All processes.
        config: The run's, with the seed of this network.
        start: Architecture, initial values and objective.
        device: Of which type a process's own is.
        threads: Of one process alone on its machine, unless the config says how many.

    Raises:
        ConfigError: The processes of a machine cannot each have a CUDA device.
    """
    local_size = group.launch.local_size
    if device.type == "cuda":
        check_cuda(config.device, local_size)
    if config.training.threads is None:
        threads = max(1, threads // local_size)
    # Where a run trains once more, as for a refit, the new networks take the places of the old.
    number = next(group.numbers) % config.training.members
    build = Build(
        number,
        *start,
        config.model.embedding.frozen,
        config.optimizer,
        config.training.precision,
        device.type,
        threads,
    )
    return LeadingLearner(group, build)


def check_cuda(name: str, local_size: int) -> None:
    """Refuse devices of which not each process of this machine can have its own.

    Raises:
        ConfigError: There are too few, or the config names one of them.
    """
    devices = torch.cuda.device_count()
    if ":" in name:
        raise ConfigError(
            f"device: {name!r} is one device, but torchrun started {local_size} processes here, "
            "and each needs its own; use device: cuda"
        )
    if local_size > devices:
        raise ConfigError(
            f"device: {name!r}: torchrun started {local_size} processes here, but torch finds "
            f"{devices} CUDA device{'s' * (devices != 1)}; use --nproc-per-node {devices}"
        )
