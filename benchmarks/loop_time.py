"""Where the seconds of a training loop go, from outside: nothing in nlptrain knows of it."""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

@dataclass
class Clock:
    """Seconds spent in some calls.

    Attributes:
        seconds: By name.
    """

    seconds: dict[str, float] = field(default_factory=dict)

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


def measure_loop(path: Path) -> dict[str, float]:
    """Train a config as the command does, and give the seconds of the loop's parts."""
    from rich.console import Console

    from nlptrain.config.load import load_config
    from nlptrain.reporting.console import ConsoleProgress
    from nlptrain.training import loop, run

    clock = Clock()
    build, train = run.build_learner, run.train

    def build_timed(*arguments: Any) -> Any:
        learner = build(*arguments)
        learner.step = clock.around("updates", learner.step)
        return learner

    def train_timed(*arguments: Any) -> Iterator[Any]:
        records = train(*arguments)
        following = clock.around("inside", partial(next, records, None))
        while (record := following()) is not None:
            yield record

    run.build_learner, run.train = build_timed, train_timed
    loop._evaluate = clock.around("evaluation", loop._evaluate)
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        console = Console(file=nowhere, force_terminal=True, width=120)
        audience = run.Audience(
            watch=lambda plan: ConsoleProgress(plan.total_steps, plan.epochs, console)
        )
        config = load_config(path).config
        outcome = run.start(config, runs_dir=Path(folder), command="", audience=audience)
    seconds = clock.seconds
    batches = seconds.pop("inside") - seconds["updates"] - seconds["evaluation"]
    return {"all": outcome.seconds, "batches": batches, **seconds}


