"""Does reading a file of millions of rows keep up with training on them, beside fastText?

    python benchmarks/files.py [--repeats 3] [--most 10000000]

Whole processes in turns, on the same rows: random strings of 6 to 14 letters with a label each.
`nlptrain train` on a CSV, a pooling network that sees letters alone, with all that it does beside
training: no string in two splits, evaluation after each epoch, test, checkpoint. fastText on a
file that is written for it beforehand: the same letters as words, vectors of the same length, two
threads. Then the same rows as Parquet and as JSON Lines beside CSV, and ten times the rows.
Targets: at most 1.3 times fastText's time; ten million rows within 15 % of ten times what one
million add to an almost empty file, in 1.5 GB; Parquet no slower than CSV.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from pairs import MEBIBYTE, NLPTRAIN, Usage, alternate, measure, median_ratio, print_table

MILLION = 1_000_000
DIM, BATCH_SIZE = 16, 1024
FEW = 1000
"""Rows of a file that takes hardly more than the start and the end of a training."""
CONFIG = f"""
name: files
seed: 0
data:
  file: {{path: rows.csv, text: text, label: label}}
model:
  embedding: {{dim: {DIM}}}
  encoder: {{type: pooling}}
  readout: mean
optimizer: {{type: adam, learning_rate: 1e-2}}
training: {{epochs: 1, batch_size: {BATCH_SIZE}}}
"""


def main() -> None:
    """Measure and print two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--most", type=int, default=10 * MILLION)
    parser.add_argument("--write", nargs=2, metavar=("ROWS", "FOLDER"), help=argparse.SUPPRESS)
    parser.add_argument("--fasttext", nargs=2, metavar=("FILE", "EPOCHS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.write:
        _write(int(arguments.write[0]), Path(arguments.write[1]))
    elif arguments.fasttext:
        _train_fasttext(arguments.fasttext[0], int(arguments.fasttext[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            _measure_all(Path(folder), arguments.repeats, arguments.most)


def _measure_all(place: Path, repeats: int, most: int) -> None:
    (place / "files.yaml").write_text(CONFIG)
    rows = []
    for number, epochs in ((MILLION, 5), (5 * MILLION, 1), (10 * MILLION, 1)):
        if number > most:
            continue
        _prepare(number, place)
        ours, theirs = alternate(
            _nlptrain(number, "csv", epochs), _fasttext(number, epochs), repeats, place
        )
        rows.append(
            [
                f"{number:,} rows × {epochs}",
                *(f"{median(each.wall for each in usages):.2f}" for usages in (ours, theirs)),
                f"{median_ratio((each.wall for each in ours), (each.wall for each in theirs)):.2f}",
                *(f"{median(each.cpu for each in usages):.2f}" for usages in (ours, theirs)),
                *(f"{_peak(usages) / number:.0f}" for usages in (ours, theirs)),
                f"{_peak(ours) / MEBIBYTE:,.0f}",
            ]
        )
    both = ("nlptrain", "fastText")
    header = [
        *("", *(f"{name}, s" for name in both), "ratio", *(f"{name}, CPU s" for name in both)),
        *(*(f"{name}, bytes/row" for name in both), "peak, MiB"),
    ]
    print_table(header, rows)
    _compare_formats(place, repeats)
    if most >= 10 * MILLION:
        _compare_sizes(place, repeats)


def _compare_formats(place: Path, repeats: int) -> None:
    rows = []
    for name in ("parquet", "jsonl"):
        others, csvs = alternate(
            _nlptrain(MILLION, name, 1), _nlptrain(MILLION, "csv", 1), repeats, place
        )
        ratio = median_ratio((each.wall for each in others), (each.wall for each in csvs))
        rows.append([name, f"{median(each.wall for each in others):.2f}", f"{ratio:.2f}"])
    print_table([f"{MILLION:,} rows × 1", "seconds", "times CSV"], rows)


def _compare_sizes(place: Path, repeats: int) -> None:
    _prepare(FEW, place)
    sizes = (FEW, MILLION, 10 * MILLION)
    seconds: dict[int, list[float]] = {number: [] for number in sizes}
    for _ in range(repeats):
        for number in sizes:
            seconds[number].append(measure(_nlptrain(number, "csv", 1), place).wall)
    start, one, ten = (median(seconds[number]) for number in sizes)
    print(
        f"start and end: {start:.2f} s; a million rows more: {one - start:.2f} s; ten million: "
        f"{ten - start:.2f} s, {(ten - start) / (10 * (one - start)):.2f} times ten times as much "
        f"(whole processes: {one:.2f} and {ten:.2f} s, {ten / (10 * one):.2f} times)"
    )


def _peak(usages: list[Usage]) -> float:
    return max(each.peak for each in usages) * MEBIBYTE


def _nlptrain(rows: int, ending: str, epochs: int) -> list[str]:
    settings = [f"data.file.path={rows}.{ending}", f"training.epochs={epochs}"]
    sets = [word for setting in settings for word in ("--set", setting)]
    return [NLPTRAIN, "train", "files.yaml", "--no-baseline", *sets]


def _fasttext(rows: int, epochs: int) -> list[str]:
    script = str(Path(__file__).resolve())
    return [sys.executable, script, "--fasttext", f"{rows}.fasttext", str(epochs)]


def _prepare(rows: int, place: Path) -> None:
    """Write the files in a process of its own: what is heavy stays out of this one."""
    script = str(Path(__file__).resolve())
    subprocess.run([sys.executable, script, "--write", str(rows), str(place)], check=True)


def _write(rows: int, place: Path) -> None:
    import numpy as np
    import polars as pl

    generator = np.random.default_rng(0)
    for begin in range(0, rows, MILLION):
        size = min(MILLION, rows - begin)
        letters = generator.integers(ord("a"), ord("z") + 1, (size, 14), np.uint8)
        lengths = generator.integers(6, 15, size)
        texts = [
            row[:length]
            for row, length in zip(
                letters.view("S14").ravel().astype(str).tolist(), lengths.tolist(), strict=True
            )
        ]
        labels = ["early" if text.count("a") + text.count("b") else "late" for text in texts]
        pl.DataFrame({"text": texts, "label": labels}).write_parquet(place / f"{begin}.part")
        mode = "a" if begin else "w"
        with (place / f"{rows}.fasttext").open(mode) as file:
            lines = zip(texts, labels, strict=True)
            file.writelines(f"__label__{label} {' '.join(text)}\n" for text, label in lines)
    parts = [place / f"{begin}.part" for begin in range(0, rows, MILLION)]
    whole = pl.scan_parquet(parts)
    whole.sink_csv(place / f"{rows}.csv")
    whole.sink_parquet(place / f"{rows}.parquet")
    whole.sink_ndjson(place / f"{rows}.jsonl")


def _train_fasttext(file: str, epochs: int) -> None:
    import fasttext

    model = fasttext.train_supervised(
        file,
        dim=DIM,
        epoch=epochs,
        lr=0.5,
        minn=0,
        maxn=0,
        wordNgrams=1,
        bucket=0,
        thread=2,
        verbose=0,
    )
    model.save_model("model.bin")


if __name__ == "__main__":
    main()
