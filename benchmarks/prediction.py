"""How fast and in how much memory does `nlptrain predict --file` read a million strings?

    python benchmarks/prediction.py [--rows 1000000]

The network part alone comes first: strings in memory to classes, in one thread, beside fastText
(pip install fasttext-wheel) trained on the same task. What a process takes beyond that is its start
and the file part.

Then whole processes: a pooling and an RNN model (configs/pooling.yaml and configs/rnn.yaml, trained
for one epoch first), each on random strings of ten characters, as plain text (one a line) and as a
CSV with an identifier beside the string; both into a CSV. Every 100,000th row is bad: bytes that
are no UTF-8, or too few fields. Each output is then checked row by row: as many rows as the input
has, in its order, with a label and a probability from 0 to 1 or, where the row is bad, neither; and
the exit status must say that some are bad. Targets: below 400 MB, for the pooling model on plain
text also below 4 s, and its network part faster than fastText's.
"""

import argparse
import csv
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import zip_longest
from pathlib import Path

from pairs import MEBIBYTE, NLPTRAIN, Usage, measure, print_table

TARGET_MEGABYTES = 400
TARGET_SECONDS = 4
MEGABYTE = 10**6
LENGTH = 10
ALPHABET = "abcdefghij"
BAD_EVERY = 100_000
BAD_TEXT = b"bad \xff\xfe"
LABELS = {"absent", "present"}
PREDICTED = ["predicted_label", "predicted_probability"]


def main() -> None:
    """Measure both models on both kinds of file and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--network-part", choices=["nlptrain", "fasttext"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    rows = arguments.rows
    if arguments.network_part:
        _NETWORK_PARTS[arguments.network_part](rows)
        return
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _write_plain_text(place / "strings.txt", rows)
        _write_csv(place / "strings.csv", rows)
        table = []
        for model in ("pooling", "rnn"):
            measure([NLPTRAIN, "train", model, "--set", "training.epochs=1"], place)
            if model == "pooling":
                _compare_network_parts(place, rows)
            for name in ("strings.txt", "strings.csv"):
                usage = _predict(place, model, name)
                _check_output(place / name, place / "predicted.csv", rows)
                table.append(_row(f"{model}, {name}", rows, usage))
    print_table(["model, file", "seconds", "CPU s", "strings/s", "peak MB", "target"], table)
    print(f"{rows:,} rows in, as many out and in order; every {BAD_EVERY:,}th is bad and marked")


def _compare_network_parts(place: Path, rows: int) -> None:
    """Time both network parts in processes of their own: what is heavy stays out of this one."""
    for name in _NETWORK_PARTS:
        script = [sys.executable, str(Path(__file__).resolve()), "--rows", str(rows)]
        subprocess.run([*script, "--network-part", name], cwd=place, check=True)


def _time_nlptrain(rows: int) -> None:
    from threadpoolctl import threadpool_limits

    from nlptrain.inference.bulk import ROWS_AT_ONCE
    from nlptrain.inference.model import load

    model = load("pooling")
    texts = [text or "" for text in _texts(rows)]
    batches = [texts[begin : begin + ROWS_AT_ONCE] for begin in range(0, rows, ROWS_AT_ONCE)]
    with threadpool_limits(1, user_api="blas"):
        _print_rate("nlptrain, pooling", rows, lambda: [model.decide(batch) for batch in batches])


def _time_fasttext(rows: int) -> None:
    try:
        import fasttext
    except ImportError:
        print("network part, fastText: not measured; pip install fasttext-wheel")
        return
    # Characters stand apart, as words: the same bag of characters as the pooling network's.
    lines = [f"{' '.join(text or '')}\n" for text in _texts(rows)]
    with Path("fasttext.txt").open("w") as file:
        for line in lines[:20_000]:
            file.write(f"__label__{'present' if 'a' in line else 'absent'} {line}")
    model = fasttext.train_supervised("fasttext.txt", dim=16, epoch=10, lr=0.5, thread=1, verbose=0)
    # model.predict fails with NumPy 2; this is what it calls.
    _print_rate("fastText", rows, lambda: model.f.multilinePredict(lines, 1, 0.0, "strict"))


_NETWORK_PARTS = {"nlptrain": _time_nlptrain, "fasttext": _time_fasttext}


def _print_rate(name: str, rows: int, predict: Callable[[], object]) -> None:
    """Print strings a second, the best of three."""
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        predict()
        seconds.append(time.perf_counter() - began)
    rate = rows / min(seconds)
    print(f"network part, {name}: {rate:,.0f} strings/s, {min(seconds):.2f} s", flush=True)


def _texts(rows: int) -> Iterator[str | None]:
    """Draw the strings, the same each time; None where a row is to be bad."""
    generator = random.Random(0)
    for row in range(rows):
        text = "".join(generator.choices(ALPHABET, k=LENGTH))
        yield None if row % BAD_EVERY == BAD_EVERY // 2 else text


def _write_plain_text(path: Path, rows: int) -> None:
    with path.open("wb") as file:
        for text in _texts(rows):
            file.write((BAD_TEXT if text is None else text.encode()) + b"\n")


def _write_csv(path: Path, rows: int) -> None:
    with path.open("w", newline="") as file:
        file.write("identifier,text\n")
        for row, text in enumerate(_texts(rows)):
            file.write(f"{row}\n" if text is None else f"{row},{text}\n")


def _predict(place: Path, model: str, name: str) -> Usage:
    command = [NLPTRAIN, "predict", "--run", model, "--file", name, "--output", "predicted.csv"]
    return measure(command, place, expected_status=1)


def _check_output(source: Path, output: Path, rows: int) -> None:
    """Compare every row of the output with what the input must have led to.

    Raises:
        RuntimeError: A row is missing, too many, out of order, or has a wrong prediction.
    """
    has_identifier = source.suffix == ".csv"
    with output.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        found = csv.reader(file)
        columns = [*(["identifier"] if has_identifier else []), "text", *PREDICTED]
        if next(found) != columns:
            raise RuntimeError(f"{output}: the columns are not {columns}")
        for number, (text, values) in enumerate(zip_longest(_texts(rows), found)):
            if values is None or number >= rows:
                raise RuntimeError(f"{output}: it ends or goes on at row {number}")
            *identifier, shown, label, probability = values
            in_order = identifier == ([str(number)] if has_identifier else [])
            if text is None:
                is_right = label == "" and probability == ""
            else:
                is_right = shown == text and label in LABELS and 0 <= float(probability) <= 1
            if not (in_order and is_right):
                raise RuntimeError(f"{output}: row {number} is {values}, its string {text!r}")


def _row(name: str, rows: int, usage: Usage) -> list[str]:
    megabytes = usage.peak * MEBIBYTE / MEGABYTE
    timed = name == "pooling, strings.txt"
    is_met = megabytes < TARGET_MEGABYTES and (not timed or usage.wall < TARGET_SECONDS)
    target = f"< {TARGET_SECONDS} s, {TARGET_MEGABYTES} MB" if timed else f"< {TARGET_MEGABYTES} MB"
    return [
        name,
        f"{usage.wall:.1f}",
        f"{usage.cpu:.1f}",
        f"{rows / usage.wall:,.0f}",
        f"{megabytes:.0f}",
        f"{target} {'met' if is_met else 'MISSED'}",
    ]


if __name__ == "__main__":
    main()
