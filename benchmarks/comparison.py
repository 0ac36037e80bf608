"""How much sooner is a comparison than its trainings one after another in a plain PyTorch loop?

    python benchmarks/comparison.py [CONFIG] [--repeats 3] [--jobs 2]

The trainings are those that the comparison agrees on beforehand: every learning rate of every
optimizer on every tuning seed, and the final seeds. What each lever brings, on the same trials:

- `PyTorch loop`: benchmarks/tutorial.py, one thread, our start values and batches, but validated
  after each epoch only, and with torch's Adam for every optimizer but SGD. One training of each
  optimizer is timed, and counted as many times as there are trainings: the optimizer decides what a
  step costs, its learning rate does not.
- `by hand`: the same sample through `run_trials`, one at a time.
- `stacked`: all trials in stacks, one after another in this process.
- `side by side`: the same stacks in processes.
- `command`: `nlptrain compare-optimizers` from start-up to the last figure, with the learning rates
  that it adds while it runs.

Seconds are medians of the repeats, which go in turns. Target: the command at least 5 times sooner
than the PyTorch loop.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from pairs import NLPTRAIN, measure, print_table

TARGET = 5


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("config", nargs="?", default="optimizers")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    rows, trials = _measure(arguments.config, arguments.repeats, arguments.jobs)
    slowest = rows[0][1]
    print_table(
        ["", "s", "s a training", "times sooner"],
        [
            [name, f"{seconds:.1f}", f"{seconds / trials:.3f}", f"{slowest / seconds:.1f}"]
            for name, seconds in rows
        ],
    )
    ratio = slowest / rows[-1][1]
    verdict = "met" if ratio >= TARGET else "MISSED"
    print(
        f"{trials} trainings, {arguments.jobs} processes, medians of {arguments.repeats}; "
        f"target: {TARGET} times, {verdict}"
    )


def _measure(source: str, repeats: int, jobs: int) -> tuple[list[tuple[str, float]], int]:
    """Time every way in turns; give its median seconds for all trials, and their number."""
    from side_by_side import tutorial_epochs

    from nlptrain.comparison.protocol.contestants import enter_optimizers
    from nlptrain.comparison.trials.stack import group_trials
    from nlptrain.comparison.trials.trial import Trial, prepare_for, run_trials
    from nlptrain.config.load import load_config
    from nlptrain.workers.execution import Workers

    config = load_config(source).config
    settings = config.comparison
    entries = enter_optimizers(config, one_code=True)
    seeds = range(config.seed, config.seed + settings.tuning_seeds)
    tuning = [
        Trial(
            entry.contestant.name,
            "tuning",
            entry.config.model_copy(
                update={
                    "optimizer": entry.config.optimizer.model_copy(update={"learning_rate": rate})
                }
            ),
            seed,
        )
        for seed in seeds
        for entry in entries
        for rate in entry.contestant.grid
    ]
    final = [
        Trial(entry.contestant.name, "final", entry.config, seeds.stop + number)
        for number in range(settings.seeds)
        for entry in entries
    ]
    count = len(tuning) + len(final)
    sample = final[: len(entries)]
    groups = [*group_trials(tuning), *group_trials(final)]
    share = count / len(sample)
    workers = Workers(jobs)

    def plain() -> None:
        for trial in sample:
            for _ in tutorial_epochs(trial.config, prepare_for(trial.config)):
                pass

    def command() -> None:
        with tempfile.TemporaryDirectory() as folder:
            measure(
                [NLPTRAIN, "compare-optimizers", source, "--jobs", str(jobs), "--quiet"],
                Path(folder),
            )

    ways: dict[str, tuple[Callable[[], object], float]] = {
        "PyTorch loop": (plain, share),
        "by hand": (lambda: [run_trials([trial])[0] for trial in sample], share),
        "stacked": (lambda: [run_trials(group) for group in groups], 1),
        "side by side": (lambda: list(workers.run(groups)), 1),
        "command": (command, 1),
    }
    prepare_for(sample[0].config)
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, (work, factor) in ways.items():
            began = time.perf_counter()
            work()
            seconds[name].append((time.perf_counter() - began) * factor)
    return [(name, median(times)) for name, times in seconds.items()], count


if __name__ == "__main__":
    main()
