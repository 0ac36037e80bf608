"""The processes of one training, and what they send to each other."""

import pickle
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import count
from typing import Any

import torch
import torch.distributed as dist
from torch import Tensor
from torch.distributed.rendezvous import rendezvous

from nlptrain.errors import LostProcessError
from nlptrain.training.distributed.launch import Launch
from nlptrain.training.interruption import SIGNALS

PATIENCE = timedelta(days=30)
"""How long a process waits for the others: they may wait long for one that reads or writes.

A process that dies is noticed at once, as its connections close.
"""
BEAT = 0.5
"""Seconds between two signs of life of the leader, which may be blocked in an exchange."""
LAST_WORD = timedelta(seconds=3)
"""How long the others wait for the leader's last word once the connection is lost."""
FIRST_BYTES = 1 << 16
"""Of a command, that go in one exchange, as each costs time; only a longer one takes two."""
_CPU = torch.device("cpu")
_SIZE = 8
_STATUS_KEY = "nlptrain/status"
_SPEAKER_KEY = "nlptrain/speaker"
_BEAT_KEY = "nlptrain/beat"


class Group:
    """All processes of a training; each makes the same calls in the same order.

    Attributes:
        launch: This process among them.
        is_in_step: Whether the next call of all processes can be any; not after one that failed.
        is_ending: Whether signals mean nothing any more to the leader, as it is about to end.
        numbers: Counts the learners that were built.
        noted_signal: The signal that asks this process to stop, of which the leader has to hear; 0
            for none, and for the leader.
    """

    def __init__(self, launch: Launch) -> None:
        """Wait until all processes are there; gloo connects CPUs, NCCL CUDA devices."""
        self.launch = launch
        self.is_in_step = True
        self.is_ending = False
        self.numbers = count()
        self.noted_signal = 0
        with_cuda = torch.cuda.is_available() and dist.is_nccl_available()
        # The store is torchrun's own, so it outlives the process that leads.
        self._store, rank, size = next(rendezvous("env://"))
        dist.init_process_group(
            "cpu:gloo,cuda:nccl" if with_cuda else "gloo",
            store=self._store,
            rank=rank,
            world_size=size,
            timeout=PATIENCE,
        )

    def send(self, command: object) -> None:
        """Send a command from the leader to all others."""
        data = pickle.dumps(command)
        message = torch.frombuffer(bytearray(len(data).to_bytes(_SIZE) + data), dtype=torch.uint8)
        first = torch.zeros(FIRST_BYTES, dtype=torch.uint8)
        first[: len(message)] = message[:FIRST_BYTES]
        with self._connected():
            dist.broadcast(first, src=0)
            if len(message) > FIRST_BYTES:
                dist.broadcast(message[FIRST_BYTES:], src=0)

    def receive(self) -> Any:
        """Wait for the leader's next command."""
        first = torch.empty(FIRST_BYTES, dtype=torch.uint8)
        with self._connected():
            dist.broadcast(first, src=0)
            size = _SIZE + int.from_bytes(first[:_SIZE].numpy().tobytes())
            rest = torch.empty(max(0, size - FIRST_BYTES), dtype=torch.uint8)
            if len(rest):
                dist.broadcast(rest, src=0)
        data = torch.cat([first[_SIZE:size], rest]).numpy().tobytes()
        # From a process of this very training.
        return pickle.loads(data)  # noqa: S301

    def give(self, value: object) -> None:
        """Send a value to the leader alone, who takes it."""
        with self._connected():
            dist.send_object_list([value], dst=0, device=_CPU)

    def take(self, rank: int) -> Any:
        """Wait for what a process gives to the leader."""
        found: list[Any] = [None]
        with self._connected():
            dist.recv_object_list(found, src=rank, device=_CPU)
        return found[0]

    def add_up(self, values: Tensor) -> Tensor:
        """Replace values by their sum over all processes, which has the same bits in each."""
        with self._connected():
            dist.all_reduce(values)
        return values

    def join_rows(self, rows: Tensor) -> Tensor:
        """Concatenate the rows of all processes, of which each may have another number (n, …)."""
        counts = torch.zeros(self.launch.size, dtype=torch.int64, device=rows.device)
        counts[self.launch.rank] = len(rows)
        each = self.add_up(counts).tolist()
        padded = rows.new_zeros(max(each), *rows.shape[1:])
        padded[: len(rows)] = rows
        found = [torch.empty_like(padded) for _ in each]
        with self._connected():
            dist.all_gather(found, padded)
        return torch.cat([own[:count] for own, count in zip(found, each, strict=True)])

    @contextmanager
    def exchanging(self) -> Iterator[None]:
        """Take several calls as one: if it fails in between, the others are somewhere else."""
        self.is_in_step = False
        yield
        self.is_in_step = True

    def leave_status(self, status: int) -> None:
        """Leave the exit status for the others, as the leader's last word."""
        with suppress(RuntimeError):
            self._store.set(_STATUS_KEY, str(status))

    def wait_for_status(self) -> int | None:
        """Wait for the leader's exit status; None if it died without one."""
        try:
            self._store.wait([_STATUS_KEY], LAST_WORD)
            return int(self._store.get(_STATUS_KEY))
        except RuntimeError:
            return None

    def beat(self) -> None:
        """Show a sign of life."""
        with suppress(RuntimeError):
            self._store.add(_BEAT_KEY, 1)

    def is_leader_alive(self) -> bool:
        """Wait for a sign of life of the leader."""
        try:
            before = self._store.add(_BEAT_KEY, 0)
            time.sleep(4 * BEAT)
            return bool(self._store.add(_BEAT_KEY, 0) > before)
        except RuntimeError:
            return False

    def is_first_to_speak(self) -> bool:
        """Return whether no other process has asked this before, so that one message is printed."""
        try:
            return bool(self._store.add(_SPEAKER_KEY, 1) == 1)
        except RuntimeError:
            return True

    def disconnect(self) -> None:
        """Close all connections, so that nobody waits for this process; it is about to end."""
        for number in SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        if dist.is_initialized():
            with suppress(RuntimeError):
                dist.destroy_process_group()

    @contextmanager
    def _connected(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as error:
            self.is_in_step, self.is_ending = False, True
            raise LostProcessError(
                f"one of the {self.launch.size} processes has ended, or cannot be reached"
            ) from error
