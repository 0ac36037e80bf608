"""How much sooner than a plain script is `nlptrain train configs/rnn.yaml`, start-up to last file?

    python benchmarks/whole_process.py [--repeats 5]

A process against a process, in turns: the command, against benchmarks/tutorial.py, which is the
same training as a PyTorch tutorial writes it. Both train the same network on the same strings for
as many epochs, validate after each, test at the end, and keep the best network. nlptrain draws the
strings itself; the script only reads them, from CSV files that are made beforehand. The script
runs with torch's default number of threads, with TensorBoard's curves (as nlptrain writes them)
and without; nlptrain by hand, which auto chooses here, and with torch. Targets: at most a quarter
of the script's time by hand, at most all of it with torch.
"""

import argparse
import csv
import sys
import tempfile
from pathlib import Path
from statistics import median

from pairs import NLPTRAIN, alternate, median_ratio, print_table

TARGETS = {"auto": 0.25, "torch": 1.0}
CONFIG = Path(__file__).parent.parent / "configs" / "rnn.yaml"
TUTORIAL = Path(__file__).with_name("tutorial.py")


def main() -> None:
    """Measure against both variants of the script and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    repeats = parser.parse_args().repeats
    ours = {
        engine: [NLPTRAIN, "train", str(CONFIG), "--set", f"engine={engine}"] for engine in TARGETS
    }
    script = [sys.executable, str(TUTORIAL), "."]
    scripts = {"with curves": script, "without": [*script, "--no-tensorboard"]}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _write_splits(place)
        rows = [
            [engine, name, *_compare(ours[engine], other, repeats, place, target)]
            for engine, target in TARGETS.items()
            for name, other in scripts.items()
        ]
    header = [
        "engine",
        "script",
        "nlptrain s",
        "script s",
        "ratio",
        "cpu ratio",
        "MiB",
        "MiB",
        "target",
    ]
    print_table(header, rows)
    print(f"medians of {repeats} pairs; MiB: peak memory of nlptrain, of the script")


def _write_splits(place: Path) -> None:
    """Write the config's strings and classes as CSV."""
    from nlptrain.config.load import load_config
    from nlptrain.datasets.build import build_dataset

    config = load_config(CONFIG).config
    dataset = build_dataset(config.data, config.text, seed=config.seed)
    for name, split in dataset.splits.items():
        with (place / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["text", "label"])
            writer.writerows(zip(split.texts, split.classes.tolist(), strict=True))


def _compare(
    ours: list[str], script: list[str], repeats: int, place: Path, target: float
) -> list[str]:
    first, second = alternate(ours, script, repeats, place)
    ratio = median_ratio((use.wall for use in first), (use.wall for use in second))
    cpu_ratio = median_ratio((use.cpu for use in first), (use.cpu for use in second))
    verdict = "met" if ratio <= target else "MISSED"
    return [
        f"{median(use.wall for use in first):.2f}",
        f"{median(use.wall for use in second):.2f}",
        f"{ratio:.2f}",
        f"{cpu_ratio:.2f}",
        f"{median(use.peak for use in first):.0f}",
        f"{median(use.peak for use in second):.0f}",
        f"≤ {target} {verdict}",
    ]


if __name__ == "__main__":
    main()
