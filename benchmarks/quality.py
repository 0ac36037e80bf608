"""How good are the packaged configs for a file of one's own, beside what else one would take?

    python benchmarks/quality.py [--seeds 0 1 2 3 4] [--sets NAME …] [--contestants NAME …]
                                 [--file names=names.csv] [--file spam=spam.tsv,1,0] [--no-training]

Trains each contestant on each set from each seed, on 80 % of its distinct strings, and scores it on
the other 20 %; then writes the tables of docs/quality.md. The sets are made from packages of the
`dev` extra. `--file NAME=PATH` adds a table of yours, if need be with its columns of strings and
labels: two names, or two numbers from 0 in a file without a header.

A row of benchmarks/quality.jsonl is one training. What has a row is not trained again, unless
the config or the strings have changed since. All of it takes a few hours on one core.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from quality_models import (
    CONFIGS,
    RIVAL_SCORES,
    Found,
    read_dataset,
    score_config,
    settings_of,
)
from quality_page import Row, Rows, score_table, set_table, time_table
from quality_sets import SETS, write_set
from reproduction_page import fill

from nlptrain.datasets.examples import Dataset

ROOT = Path(__file__).parents[1]
ROWS = ROOT / "benchmarks" / "quality.jsonl"
PAGE = ROOT / "docs" / "quality.md"
CONTESTANTS = (*RIVAL_SCORES, *CONFIGS)
LEADER = "own_file"
HASH_DIGITS = 12


@dataclass(frozen=True)
class Table:
    """A labelled table.

    Attributes:
        name: That of the set.
        path: The file.
        columns: Those of strings and labels; empty: found by their names.
    """

    name: str
    path: Path
    columns: tuple[str, ...] = ()

    @property
    def section(self) -> str:
        """The section `data.file` of a config, as YAML."""
        named = zip(("text", "label"), self.columns, strict=False)
        columns = "".join(f", {name}: {column}" for name, column in named)
        return f"{{path: {json.dumps(str(self.path))}{columns}}}"


def main() -> None:
    """Train what has no row yet, and write the page."""
    arguments = _parse()
    rows = _read_rows(arguments.rows)
    if not arguments.no_training:
        tables = [*(_build(name, arguments.work_dir) for name in arguments.sets), *arguments.file]
        # All sets at one seed before the next: what has been done by then can be shown.
        for seed in arguments.seeds:
            for table in tables:
                for row in _train_all(table, arguments.contestants, seed, rows):
                    rows.append(row)
                    with arguments.rows.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(asdict(row)) + "\n")
                    print(f"{row.set} {seed} {row.contestant}: {row.accuracy:.4f}", flush=True)
    _write_page(current_rows(rows), arguments.page)


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(5)))
    parser.add_argument("--sets", nargs="*", choices=SETS, default=list(SETS), metavar="NAME")
    parser.add_argument("--contestants", nargs="+", choices=CONTESTANTS, default=CONTESTANTS)
    parser.add_argument("--file", type=_read_table, action="append", default=[])
    parser.add_argument("--rows", type=Path, default=ROWS)
    parser.add_argument("--page", type=Path, default=PAGE)
    parser.add_argument("--work-dir", type=Path, default=ROOT / "runs" / "quality")
    parser.add_argument("--no-training", action="store_true")
    return parser.parse_args()


def _read_table(argument: str) -> Table:
    name, _, rest = argument.partition("=")
    path, *columns = rest.split(",")
    if not (name and path and len(columns) in (0, 2)):
        raise argparse.ArgumentTypeError("expected NAME=PATH or NAME=PATH,TEXT,LABEL")
    return Table(name, Path(path).resolve(), tuple(columns))


def _build(name: str, folder: Path) -> Table:
    return Table(name, write_set(name, folder.resolve()))


def _read_rows(path: Path) -> list[Row]:
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    return [Row(**json.loads(line)) for line in lines]


def current_rows(rows: Sequence[Row]) -> list[Row]:
    """Keep the rows of the configs as they are now, and of the strings last read."""
    last = {(row.set, row.seed): row.data for row in rows}
    now = {name: hash_text(settings_of(name)) for name in CONTESTANTS}
    return [
        row
        for row in rows
        if (row.depends_on, row.data) == (now[row.contestant], last[row.set, row.seed])
    ]


def _train_all(
    table: Table, contestants: Sequence[str], seed: int, rows: Sequence[Row]
) -> Iterator[Row]:
    """Train the contestants that have no row of this seed yet."""
    dataset = read_dataset(table.section, seed)
    data = dataset.fingerprint[:HASH_DIGITS]
    done = {(row.set, row.contestant, row.seed, row.depends_on, row.data) for row in rows}
    for contestant in contestants:
        depends_on = hash_text(settings_of(contestant))
        if (table.name, contestant, seed, depends_on, data) in done:
            continue
        began = time.process_time()
        found = _score(contestant, table, seed, dataset)
        if found is not None:
            yield Row(
                set=table.name,
                contestant=contestant,
                seed=seed,
                **asdict(found),
                strings=sum(dataset.sizes.values()),
                test=len(dataset.test),
                classes=len(dataset.labels),
                processor_seconds=round(time.process_time() - began, 2),
                depends_on=depends_on,
                data=data,
            )


def _score(contestant: str, table: Table, seed: int, dataset: Dataset) -> Found | None:
    """Train a contestant; None if it is not installed."""
    if contestant in CONFIGS:
        return score_config(contestant, table.section, seed)
    try:
        return RIVAL_SCORES[contestant](dataset, seed)
    except ImportError as missing:
        print(f"{contestant}: {missing}; left out", file=sys.stderr)
        return None


def hash_text(text: str) -> str:
    """Hash a text, short enough for a row."""
    return hashlib.sha256(text.encode()).hexdigest()[:HASH_DIGITS]


def _write_page(rows: Sequence[Row], page: Path) -> None:
    all_rows = Rows(rows)
    sets, shown = all_rows.sets(tuple(SETS)), all_rows.contestants(CONTESTANTS)
    described = {name: (source.question, source.package) for name, source in SETS.items()}
    tables = {
        "accuracy": score_table(all_rows, sets, shown, "accuracy", LEADER),
        "macro F1": score_table(all_rows, sets, shown, "macro_f1", LEADER),
        "sets": set_table(all_rows, sets, described),
        "time": time_table(all_rows, sets, shown),
    }
    page.write_text(fill(page.read_text("utf-8"), tables), "utf-8")


if __name__ == "__main__":
    main()
