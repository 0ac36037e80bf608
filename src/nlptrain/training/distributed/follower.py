"""A process that follows: it computes what the leader says, and neither writes nor prints."""

import signal
from types import FrameType

import torch

from nlptrain.errors import LostProcessError
from nlptrain.training.distributed.commands import Build, Call, End, Give, Read
from nlptrain.training.distributed.group import Group
from nlptrain.training.distributed.launch import Launch
from nlptrain.training.distributed.own_shards import OwnShards
from nlptrain.training.distributed.shared_learner import SharedLearner
from nlptrain.training.interruption import SIGNALS
from nlptrain.training.torch_precision import prepare_precision


def follow(launch: Launch) -> int:
    """Do what the leader says until it ends, and return its exit status.

    Raises:
        LostProcessError: The leader has died, and this process is the one to say so.
    """
    group = Group(launch)
    _note_signals(group)
    learners: dict[int, SharedLearner] = {}
    reading = OwnShards(launch)
    try:
        while True:
            match group.receive():
                case Build() as build:
                    learners[build.number] = build_shared_learner(group, build)
                case Call(number, method, arguments, options):
                    getattr(learners[number], method)(*arguments, **options)
                case Read(stream, order):
                    reading.begin(stream, order)
                case Give(rank):
                    if rank == launch.rank:
                        group.give(reading.next())
                case End(status):
                    group.disconnect()
                    return status
    except LostProcessError:
        group.disconnect()
        return _end_with_leader(group)
    finally:
        reading.end()


def build_shared_learner(group: Group, build: Build) -> SharedLearner:
    """Build this process's learner, on its own CUDA device or on the CPU."""
    device = torch.device(build.device_type)
    if device.type == "cuda":
        device = torch.device("cuda", group.launch.local_rank)
        torch.cuda.set_device(device)
    torch.set_num_threads(build.threads)
    prepare_precision(build.precision, device)
    return SharedLearner(
        group,
        architecture=build.architecture,
        arrays=build.arrays,
        objective=build.objective,
        embedding_frozen=build.embedding_frozen,
        optimizer=build.optimizer,
        device=device,
        precision=build.precision,
    )


def _note_signals(group: Group) -> None:
    """Leave it to the leader what a signal means: it hears of it in the next step."""

    def note(number: int, _frame: FrameType | None) -> None:
        group.noted_signal = group.noted_signal or number

    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, note)


def _end_with_leader(group: Group) -> int:
    """Return the exit status once the connection is lost; one process speaks for a dead leader.

    A leader that lives may hear of the loss only when this process ends, and then speaks itself.
    """
    status = group.wait_for_status()
    if status is not None or group.is_leader_alive() or not group.is_first_to_speak():
        return status or 1
    raise LostProcessError(
        f"the first of the {group.launch.size} processes, which saves the run, has died; the run's "
        "last checkpoint is kept, if it had one; to resume it: nlptrain resume"
    )
