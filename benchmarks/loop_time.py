"""Where the seconds of a training loop go, taken from outside: nothing in nlptrain knows of it."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from nlptrain.config.load import load_config
from nlptrain.reporting.audience import Audience
from nlptrain.reporting.console import ConsoleProgress
from nlptrain.reporting.records import Record
from nlptrain.training import assembly, loop, run
from nlptrain.training.learner import Learner


class Clock:
    """Adds up the seconds of some calls, by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def around(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Make the same function, timed."""
        self.seconds[name] = 0.0

        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds[name] += time.perf_counter() - began

        return timed


def measure_loop(path: Path, settings: Sequence[str]) -> dict[str, float]:
    """Train a config as the command does, with the live display on a pretend terminal.

    Changes nlptrain's modules, so it wants a process of its own.

    Returns:
        Seconds of the loop: all, updates, evaluation, batches (and records).
    """
    clock = Clock()
    _time_parts(clock)
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        console = Console(file=nowhere, force_terminal=True, width=120)
        audience = Audience(
            watch_training=lambda steps, epochs: ConsoleProgress(steps, epochs, console)
        )
        config = load_config(path, settings).config
        outcome = run.start(config, runs_dir=Path(folder), command="", audience=audience)
    seconds = clock.seconds
    batches = seconds.pop("making records") - seconds["updates"] - seconds["evaluation"]
    return {"all": outcome.seconds, "batches": batches, **seconds}


def _time_parts(clock: Clock) -> None:
    """Put clocks around the learner's step, the evaluation, and the whole generator."""
    build_learner, train = assembly.build_learner, assembly.train

    def build_timed_learner(*arguments: Any, **named: Any) -> Learner:
        learner = build_learner(*arguments, **named)
        learner.step = clock.around("updates", learner.step)  # type: ignore[method-assign]
        return learner

    def train_timed(*arguments: Any, **named: Any) -> Iterator[Record]:
        records = train(*arguments, **named)
        next_record = clock.around("making records", partial(next, records, None))
        while (record := next_record()) is not None:
            yield record

    assembly.build_learner, assembly.train = build_timed_learner, train_timed
    loop.compute_logits = clock.around("evaluation", loop.compute_logits)
