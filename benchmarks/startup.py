"""How long does nlptrain take to answer, beside the least that a Typer command can take?

    python benchmarks/startup.py [--repeats 25]

Two questions, each a process against a process, in turns, as installed console scripts:

- `nlptrain predict "abcd"` against a Typer command that does nothing but import numpy and
  safetensors.numpy. Target: at most 1.3 times its time.
- `nlptrain --help` against the `--help` of a Typer program with two empty commands and Typer's
  own settings. Target: at most 1.3 times its time.

The ratio is the median of the pairs' ratios of wall time; `cpu` is the same in processor time,
which other work on the machine disturbs less.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from pairs import NLPTRAIN, alternate, measure, median_ratio, print_table

TARGET = 1.3

EMPTY_PREDICT = '''
import typer

app = typer.Typer()


@app.command()
def predict(texts: list[str]) -> None:
    """Predict the class of strings."""
    import numpy
    import safetensors.numpy


def main() -> None:
    app()
'''

EMPTY_PROGRAM = '''
import typer

app = typer.Typer()


@app.command()
def train() -> None:
    """Train a network."""


@app.command()
def predict() -> None:
    """Predict the class of strings."""


def main() -> None:
    app()
'''


def main() -> None:
    """Measure both questions and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=25)
    repeats = parser.parse_args().repeats
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _train_tiny(place)
        questions = {
            'predict "abcd"': (
                [NLPTRAIN, "predict", "abcd"],
                [_install(place, "empty_predict", EMPTY_PREDICT), "abcd"],
            ),
            "--help": (
                [NLPTRAIN, "--help"],
                [_install(place, "empty_program", EMPTY_PROGRAM), "--help"],
            ),
        }
        rows = [_compare(name, *pair, repeats, place) for name, pair in questions.items()]
    header = ["command", "nlptrain ms", "empty ms", "ratio", "cpu ratio", "peak MiB", "target"]
    print_table(header, rows)
    print(f"medians of {repeats} pairs")


def _train_tiny(place: Path) -> None:
    """Leave a finished run below the folder."""
    sizes = "data.sizes={train: 200, validation: 50, test: 50}"
    measure([NLPTRAIN, "train", "rnn", "--set", sizes, "--set", "training.epochs=1"], place)


def _install(place: Path, module: str, source: str) -> str:
    """Write a module and the script that pip would write for its `main`; give the script."""
    (place / f"{module}.py").write_text(source)
    script = place / module.replace("_", "-")
    script.write_text(
        f"#!{sys.executable}\nimport sys\nfrom {module} import main\nsys.exit(main())\n"
    )
    script.chmod(0o755)
    return str(script)


def _compare(name: str, ours: list[str], empty: list[str], repeats: int, place: Path) -> list[str]:
    first, second = alternate(ours, empty, repeats, place)
    ratio = median_ratio((use.wall for use in first), (use.wall for use in second))
    cpu_ratio = median_ratio((use.cpu for use in first), (use.cpu for use in second))
    return [
        name,
        f"{1000 * median(use.wall for use in first):.0f}",
        f"{1000 * median(use.wall for use in second):.0f}",
        f"{ratio:.2f}",
        f"{cpu_ratio:.2f}",
        f"{median(use.peak for use in first):.0f}",
        f"≤ {TARGET} {'met' if ratio <= TARGET else 'MISSED'}",
    ]


if __name__ == "__main__":
    main()
