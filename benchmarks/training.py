"""How fast does each shipped config train, beside a plain PyTorch loop? Where does time go?

    python benchmarks/training.py [CONFIG ...] [--epochs 5] [--batch-sizes 20 64 256]

For each config of a synthetic task and each batch size: its training loop (records made, nothing
reported or saved) by hand and in our torch engine, against benchmarks/tutorial.py, which is the
same training as a PyTorch tutorial writes it: nn modules, a Dataset with one string an item,
padded to the longest of all, a DataLoader with the default collation, torch.optim with its own
settings (torch's Adam beside our Adam by hand too). Both start from the same values and see the
same batches in the same order; the first losses must agree. Both look at the validation strings
after each epoch, and that counts. Epochs run in turns in one process per config; strings/s are
medians, ratios are medians of the epochs' ratios of wall time, and `cpu` is the same in processor
time, which other work on the machine disturbs less:

- `tutorial`: on one thread, as nlptrain. Target of our torch engine: 1.3 times as fast.
- `per batch`: the same, padding to the longest string of the batch with a collate_fn.
- `2 threads`, or however many torch takes by default: as `tutorial`.
- `by hand`: its ratio is to the faster of `tutorial` and `2 threads`. Targets: 3 times as fast up
  to batches of 64 (LSTM, GRU: 1.5), 1.5 times at 256.

The second table is a whole `nlptrain.training.run.start`, with the live display drawn on a pretend
terminal: how much of the loop went into updates, into evaluation, into making batches and records,
and into reporting and saving. Target: the last at most 5 % where the loop takes five seconds or
more. `outside` is all but updates and evaluation.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from pairs import median_ratio, print_table

TARGET_RATIO = 1.3
SMALL_BATCH = 64
TARGET_SHARE = 0.05
LONG_TRAINING = 5.0
COMPARED_LOSSES = 20
TOLERANCE = 1e-4
CONFIGS = Path(__file__).parent.parent / "configs"


def main() -> None:
    """Measure each config in a process of its own, and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="*", type=Path)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=[20, 64, 256])
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        batch_size = arguments.batch_sizes[0]
        print(json.dumps(_measure(arguments.configs[0], arguments.epochs, batch_size)))
        return
    paths = arguments.configs or _list_configs()
    results = {
        (path.stem, batch_size): _measure_apart(path, arguments.epochs, batch_size)
        for path in paths
        for batch_size in arguments.batch_sizes
    }
    threads = next(iter(results.values()))["threads"]
    ways = ["tutorial", "per batch", f"{threads} threads", "torch", "ratio", "cpu", "target"]
    by_hand = ["by hand", "ratio", "cpu", "target"]
    print_table(["strings/s", "batch", *ways, *by_hand], map(_speed_row, results.items()))
    print(f"medians of {arguments.epochs} epochs; first {COMPARED_LOSSES} losses agree\n")
    parts = ["updates", "evaluation", "batches", "reports, files", "outside"]
    print_table(["loop", "seconds", *parts, "target"], map(_loop_row, results.items()))


def _list_configs() -> list[Path]:
    """List the shipped configs that train one network on a synthetic task."""
    from nlptrain.config.data import DataFile
    from nlptrain.config.load import load_config

    return [
        path
        for path in sorted(CONFIGS.glob("*.yaml"))
        if path.stem not in ("optimizers", "every_field")
        and not isinstance(load_config(path).config.data.source, DataFile)
    ]


def _measure_apart(path: Path, epochs: int, batch_size: int) -> dict[str, Any]:
    environment = {key: text for key, text in os.environ.items() if key != "OMP_NUM_THREADS"}
    command = [sys.executable, __file__, str(path), "--epochs", str(epochs), "--one"]
    command += ["--batch-sizes", str(batch_size)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def _speed_row(entry: tuple[tuple[str, int], dict[str, Any]]) -> list[str]:
    (name, batch_size), result = entry
    wall, cpu = result["wall"], result["cpu"]
    rate = {way: f"{result['strings'] / median(seconds):,.0f}" for way, seconds in wall.items()}
    row = [name, str(batch_size), rate["tutorial"], rate["per batch"], rate["threads"]]
    peer = min(("tutorial", "threads"), key=lambda way: median(wall[way]))
    for way, other, target in (
        ("torch", "tutorial", TARGET_RATIO),
        ("by hand", peer, _target_by_hand(result["gated"], batch_size)),
    ):
        ratio = median_ratio(wall[other], wall[way])
        # Threads that wait for each other count as work, so processor time is of one thread's.
        row += [rate[way], f"{ratio:.2f}", f"{median_ratio(cpu['tutorial'], cpu[way]):.2f}"]
        row.append(f"≥ {target} {'met' if ratio >= target else 'MISSED'}" if target else "")
    return row


def _target_by_hand(gated: bool, batch_size: int) -> float | None:
    """Look the target up; a gated cell has none above the small batches."""
    if batch_size <= SMALL_BATCH:
        return 1.5 if gated else 3.0
    return None if gated else 1.5


def _loop_row(entry: tuple[tuple[str, int], dict[str, Any]]) -> list[str]:
    (name, batch_size), result = entry
    loop = result["loop"]
    updates, evaluation, batches = (
        loop[part] / loop["all"] for part in ("updates", "evaluation", "batches")
    )
    outside = 1 - updates - evaluation
    reports = outside - batches
    verdict = "met" if reports <= TARGET_SHARE else "MISSED"
    return [
        f"{name}, batch {batch_size}",
        f"{loop['all']:.2f}",
        *(f"{share:.1%}" for share in (updates, evaluation, batches, reports, outside)),
        f"≤ {TARGET_SHARE:.0%} {verdict}" if loop["all"] >= LONG_TRAINING else "too short",
    ]


def _measure(path: Path, epochs: int, batch_size: int) -> dict[str, Any]:
    """Measure one config; for a process of its own."""
    from loop_time import measure_loop

    settings = [f"training.batch_size={batch_size}"]
    return _measure_speed(path, epochs, settings) | {"loop": measure_loop(path, settings)}


def _measure_speed(path: Path, epochs: int, settings: list[str]) -> dict[str, Any]:
    """Train in turns; give each epoch's seconds but the first's, by way."""
    import torch
    from side_by_side import our_epochs, tutorial_epochs

    from nlptrain.config.load import load_config
    from nlptrain.training.assembly import build_learner
    from nlptrain.training.preparation import prepare

    default_threads = torch.get_num_threads()
    settings = [*settings, "training.steps=null", f"training.epochs={epochs + 1}"]
    config = load_config(path, settings).config
    preparation = prepare(config)
    engines = {
        name: build_learner(config, preparation, engine=engine)
        for name, engine in (("torch", "torch"), ("by hand", "numpy"))
    }
    ways = {
        "tutorial": (1, tutorial_epochs(config, preparation)),
        "per batch": (1, tutorial_epochs(config, preparation, pad_to_batch=True)),
        "threads": (default_threads, tutorial_epochs(config, preparation)),
        **{
            name: (1, our_epochs(config, preparation, learner)) for name, learner in engines.items()
        },
    }
    wall: dict[str, list[float]] = {way: [] for way in ways}
    cpu: dict[str, list[float]] = {way: [] for way in ways}
    for epoch in range(epochs + 1):
        losses = {}
        for way, (count, training) in ways.items():
            torch.set_num_threads(count)
            began, began_cpu = time.perf_counter(), time.process_time()
            losses[way] = next(training)
            wall[way].append(time.perf_counter() - began)
            cpu[way].append(time.process_time() - began_cpu)
        if epoch == 0:
            _check_same(losses)
    return {
        "strings": len(preparation.splits["train"].classes),
        "threads": default_threads,
        "gated": getattr(config.model.encoder, "cell", "") in ("lstm", "gru"),
        # The first epoch warms up.
        "wall": {way: seconds[1:] for way, seconds in wall.items()},
        "cpu": {way: seconds[1:] for way, seconds in cpu.items()},
    }


def _check_same(losses: dict[str, list[float]]) -> None:
    """Refuse to compare different trainings."""
    for way, found in losses.items():
        pairs = zip(losses["tutorial"][:COMPARED_LOSSES], found[:COMPARED_LOSSES], strict=True)
        worst = max(abs(ours - theirs) for ours, theirs in pairs)
        if worst > TOLERANCE:
            raise RuntimeError(f"{way}: one of the first losses differs by {worst:.2g}")


if __name__ == "__main__":
    main()
