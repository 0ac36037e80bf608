"""How fast does a GPU train, beside plain PyTorch loops on it and our engines on the CPU?

    python benchmarks/cuda.py [--device cuda] [--seconds 240] [--output cuda.md] [--quick]

First the tests that need a GPU. Then networks of each encoder, from 64 to 1,024 units, in batches
of 64 to 16,384 strings of 10 to 40 characters: strings per second of

- `ours`: our training loop, in float32 and in bfloat16 (`training.precision`);
- `DataLoader`: the same network as a PyTorch tutorial trains it, one string an item;
- `on device`: a plain loop over tensors that lie on the device, padded to the longest of all,
  losses read every 50 steps;
- `CPU`: our two engines, by hand and in torch, where the network is small.

`busy` is the device's own seconds in a step of our loop, by torch's profiler, over those of the
step. Targets: ours at least 2 times the DataLoader loop at batches up to 1,024, at least as fast as
the loop on the device everywhere, and busy at least 80 % at batch 16,384 with 1,024 units.

At the end: from how many products of a step on the GPU was faster than the CPU, which is what
`device: auto` would need to know. The table is rewritten after each network, so what was measured
stays if time runs out. `--device cpu --quick` tries all of it without a GPU, on tiny sizes.
"""

import argparse
import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cuda_table import Result, list_rows, list_verdicts

if TYPE_CHECKING:
    from cuda_loops import Cell
    from tutorial import StringDataset

    from nlptrain.datasets.examples import Dataset

ROOT = Path(__file__).parent.parent
ENCODERS = ("pooling", "rnn", "gru", "lstm", "cnn")
LONGEST_TESTS = 100
"""Seconds that the tests may take."""


def main() -> None:
    """Run the tests, measure every network, and write the table as it grows."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", help="cuda, cuda:N or cpu")
    parser.add_argument("--seconds", type=float, default=240, help="for the table")
    parser.add_argument("--output", type=Path, default=Path("cuda.md"))
    parser.add_argument("--quick", action="store_true", help="tiny sizes, a moment each")
    arguments = parser.parse_args()
    if missing := find_missing(arguments.device):
        sys.exit(f"benchmarks/cuda.py: {missing}")
    heading = [f"# {name_device(arguments.device)}", "", run_tests(quick=arguments.quick), ""]
    print("\n".join(heading), flush=True)
    results: list[Result] = []
    for result in measure_all(arguments.device, arguments.seconds, quick=arguments.quick):
        results.append(result)
        text = "\n".join([*heading, *list_rows(results), "", *list_verdicts(results), ""])
        arguments.output.write_text(text, encoding="utf-8")
    print("\n".join(["", *list_rows(results), "", *list_verdicts(results)]))
    print(f"written to {arguments.output}")


def find_missing(device: str) -> str | None:
    """Say what is missing to measure a device, if anything is."""
    try:
        import torch

        import nlptrain  # noqa: F401
    except ModuleNotFoundError as error:
        return f"{error.name} is missing; pip install -e '.[dev]' in {ROOT}"
    if device != "cpu" and not torch.cuda.is_available():
        return (
            f"torch {torch.__version__} finds no CUDA device; on a machine with one, install a "
            "build of torch for CUDA, or try the program itself with --device cpu --quick"
        )
    return None


def name_device(device: str) -> str:
    """Name the device and what drives it."""
    import torch

    versions = f"torch {torch.__version__}"
    if device == "cpu":
        return f"CPU, {os.cpu_count()} cores, {versions}"
    return f"{torch.cuda.get_device_name(device)}, {versions}, CUDA {torch.version.cuda}"


def run_tests(*, quick: bool) -> str:
    """Run the tests that need a GPU, and return their last line."""
    tests = ROOT / "tests" / "torch_nn" / "test_cuda.py"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests)]
    try:
        done = subprocess.run(
            [*command, "--collect-only"] if quick else command,
            check=False,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=LONGEST_TESTS,
        )
    except subprocess.TimeoutExpired:
        return f"Tests: not finished within {LONGEST_TESTS} s."
    output = f"{done.stdout}{done.stderr}".strip()
    if done.returncode:
        print(output[-8000:], flush=True)
    return f"Tests: {output.splitlines()[-1].strip('= ')}."


def measure_all(device: str, seconds: float, *, quick: bool) -> Iterator[Result]:
    """Measure each network in its share of the time; what does not fit in is left out."""
    from cuda_loops import Cell

    sizes, batches = ((8, 16), (4, 16)) if quick else ((64, 256, 1024), (64, 1024, 16384))
    strings = draw_strings(4 * batches[-1])
    cells = [
        Cell(encoder, batch, size, is_small=batches.index(batch) + sizes.index(size) < 2)
        for encoder, batch, size in itertools.product(ENCODERS, batches, sizes)
    ]
    print("warming up: torch loads its libraries", flush=True)
    measure(cells[0], strings, device, 1.0)
    stop = time.monotonic() + seconds
    for number, cell in enumerate(cells, start=1):
        left = stop - time.monotonic()
        if left <= 0:
            print(f"out of time: {len(cells) - number + 1} of {len(cells)} not measured")
            return
        result = measure(cell, strings, device, left / (len(cells) - number + 1))
        told = ", ".join(f"{way} {rate:,.0f}" for way, rate in result.rates.items())
        print(f"{number}/{len(cells)} {cell.encoder} {cell.hidden}, {cell.batch}: {told}")
        sys.stdout.flush()
        yield result


@dataclass(frozen=True)
class Strings:
    """The training strings of all networks.

    Attributes:
        settings: Of a config that draws them.
        ours: As our loop takes them.
        plain: As a tutorial's Dataset.
    """

    settings: tuple[str, ...]
    ours: "Dataset"
    plain: "StringDataset"


def draw_strings(count: int) -> Strings:
    """Draw training strings, once for all networks."""
    import side_by_side
    from cuda_loops import LENGTHS

    from nlptrain.config.load import load_config
    from nlptrain.training.preparation import prepare

    sizes = f"data.sizes={{train: {count}, validation: 20, test: 20}}"
    settings = (f"data.task.lengths=[{LENGTHS[0]}, {LENGTHS[1]}]", sizes)
    preparation = prepare(load_config("rnn", settings).config)
    plain = side_by_side.build_dataset(preparation, "train")
    return Strings(settings, preparation.dataset, plain)


def measure(cell: "Cell", strings: Strings, device: str, seconds: float) -> Result:
    """Measure one network in every way, each in its share of the time."""
    import torch
    from cuda_loops import load_cell, measure_busy, run_on_device, run_ours, run_plain

    from nlptrain.training.preparation import prepare

    there, plain = torch.device(device), strings.plain
    config = load_cell(cell, *strings.settings, f"device={device}")
    rounded = load_cell(cell, *strings.settings, f"device={device}", "training.precision=bfloat16")
    preparation = prepare(config, strings.ours)
    ways: dict[str, Callable[[float], float]] = {
        "ours": lambda share: run_ours(config, preparation, share),
        "bfloat16": lambda share: run_ours(rounded, preparation, share),
        "DataLoader": lambda share: run_plain(config, preparation, plain, share, there),
        "on device": lambda share: run_on_device(config, preparation, plain, share, there),
    }
    if cell.is_small:
        on_cpu = load_cell(cell, *strings.settings, "device=cpu")
        ways["CPU by hand"] = lambda share: run_ours(on_cpu, preparation, share, "numpy")
        ways["CPU torch"] = lambda share: run_ours(on_cpu, preparation, share, "torch")
    result = Result(cell.encoder, cell.batch, cell.hidden, cell.work(preparation))
    for way, run in ways.items():
        try:
            result.rates[way] = run(seconds / len(ways))
        except torch.OutOfMemoryError:
            print(f"{cell.encoder} {cell.hidden}, {cell.batch}: out of memory: {way}")
    if "ours" in result.rates:
        busy = measure_busy(config, preparation, there)
        result.busy = busy * result.rates["ours"] / cell.batch
    return result


if __name__ == "__main__":
    main()
