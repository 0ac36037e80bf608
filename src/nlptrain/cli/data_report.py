"""The output of `nlptrain data report`."""

from functools import partial
from typing import TYPE_CHECKING

from nlptrain.cli.output import console, say, show_table

if TYPE_CHECKING:
    from nlptrain.evaluation.data_report import DataReport, LengthRow

MAX_CLASSES = 6
"""Up to this many classes, each has its own column in the table of lengths."""

_show = partial(show_table, complete_in="nlptrain data report --json")


def show_report(report: "DataReport") -> None:
    """Print a report, section by section."""
    _head("splits")
    _show(
        ["split"],
        ["strings", "majority class", "shortest", "longest", "unknown characters"],
        [
            (
                name,
                f"{split.examples:,}",
                f"{split.majority_rate:.4f}",
                f"{split.shortest:,}",
                f"{split.longest:,}",
                f"{split.unknown:,}",
            )
            for name, split in report.splits.items()
        ],
        omit_first=["unknown characters", "shortest"],
    )
    say(f"{len(report.labels)} classes, {report.characters:,} different characters")
    _head("does the length predict the class?")
    _show_lengths(report)
    _head("shallow baselines: linear models on counts")
    _show_shallow(report)
    _head("duplicates")
    _show_near_duplicates(report)
    for title, sentences in (
        ("unusual in the file", [finding.sentence for finding in report.findings]),
        ("cleaning", report.notes),
    ):
        if sentences:
            _head(title)
            for sentence in sentences:
                say(f"- {sentence}")


def _show_lengths(report: "DataReport") -> None:
    from nlptrain.reporting.table_layout import fits, print_table
    from nlptrain.reporting.tables import plain_table

    labels, out = report.labels, console()
    if len(labels) <= MAX_CLASSES:
        rows = [
            (
                _name(row),
                f"{sum(row.by_class):,}",
                *(f"{n / sum(row.by_class):.3f}" for n in row.by_class),
            )
            for row in report.lengths
        ]
        columns = [f"P({label})" for label in labels]
        table = plain_table(["length"], ["strings", *columns], rows)
        if fits(table, out):
            print_table(table, out)
            return
    rows = []
    for row in report.lengths:
        most = max(row.by_class)
        label = labels[row.by_class.index(most)]
        strings = sum(row.by_class)
        rows.append((_name(row), label, f"{strings:,}", f"{most / strings:.3f}"))
    _show(["length"], ["strings", "its share"], rows, texts=["most frequent"])


def _name(row: "LengthRow") -> str:
    if row.shortest == row.longest:
        return f"{row.shortest:,}"
    return f"{row.shortest:,} to {row.longest:,}"


def _show_shallow(report: "DataReport") -> None:
    rows = [
        (
            score.features,
            f"{score.accuracy:.4f}",
            f"{score.low:.3f} to {score.high:.3f}",
            f"{score.accuracy - score.chance:+.4f}",
            "yes" if score.beats_chance else "no",
        )
        for score in report.shallow
    ]
    numbers = ["test accuracy", "99 % interval", "over chance", "beats chance"]
    _show(["features"], numbers, rows, omit_first=["over chance", "beats chance"])
    chance = report.shallow[0].chance
    say(f"chance: {chance:.4f}, always predicting the most frequent class")


def _show_near_duplicates(report: "DataReport") -> None:
    say(f"in training and in another split: {report.overlap:,}")
    rows = [
        (
            found.differ_in,
            " / ".join(map(repr, found.example)),
            f"{found.strings:,}",
            f"{found.across_splits:,}",
            f"{found.conflicts:,}",
        )
        for found in report.near_duplicates
    ]
    if any(found.strings for found in report.near_duplicates):
        _show(
            ["identical except for"],
            ["strings", "in training and elsewhere", "of several classes"],
            rows,
            texts=["for example"],
        )
    else:
        say("none differ only in case, spaces or Unicode form")


def _head(title: str) -> None:
    say(f"\n── {title}")
