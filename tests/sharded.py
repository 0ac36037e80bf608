"""Labelled strings in shards of every format, and in the one file that they make."""

import polars as pl

SIZES = (7, 0, 1, 12)
TEXTS = [f"{first}{second}" for first in "abjx" for second in ("cd", "bé", "", "jj", "abcdefg")]
LABELS = ["absent", "present"] * 10


def write_table(path, texts, labels, first=0):
    """Write rows in the format of the file's ending, beside a column of numbers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {"id": range(first, first + len(texts)), "text": texts, "label": labels}
    types = {"id": pl.Int64, "text": pl.String, "label": pl.String}
    table = pl.DataFrame(columns, types)
    match path.suffix:
        case ".csv":
            table.write_csv(path, quote_style="necessary")
        case ".tsv":
            table.write_csv(path, separator="\t", quote_style="never")
        case ".jsonl":
            table.write_ndjson(path)
        case ".parquet":
            table.write_parquet(path)


def read_table(path):
    """Read what `predict` or `evaluate` wrote."""
    match path.suffix:
        case ".csv":
            return pl.read_csv(path).with_columns(pl.col(pl.String).fill_null(""))
        case ".tsv":
            table = pl.read_csv(path, separator="\t", quote_char=None)
            return table.with_columns(pl.col(pl.String).fill_null(""))
        case ".jsonl":
            return pl.read_ndjson(path)
    return pl.read_parquet(path)


def write_shards(folder, ending=".csv", sizes=SIZES):
    """Write the rows as shards, the second in a folder below, and as one file beside them."""
    start = 0
    for number, size in enumerate(sizes):
        end = start + size
        name = f"shards/{'sub/' if number == 1 else ''}{number}{ending}"
        if size or ending != ".jsonl":  # No row is no table in JSON Lines.
            write_table(folder / name, TEXTS[start:end], LABELS[start:end], start)
        start = end
    write_table(folder / f"whole{ending}", TEXTS[:start], LABELS[:start])
    return folder / "shards"
