"""Where the strings come from: a synthetic task, or the user's own files."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, model_validator

from nlptrain.config.columns import Column, OptionalColumn
from nlptrain.config.label_names import Labels
from nlptrain.config.stream import explain_refusal
from nlptrain.settings.section import Section, refuse, setting
from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.language import Length
from nlptrain.tasks.registry import Task


def _as_range(value: object) -> object:
    """Take one length for a range of one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return (value, value)
    return tuple(value) if isinstance(value, list) else value


LengthRange = Annotated[tuple[Length, Length], BeforeValidator(_as_range)]


_COLUMN_WORDS = {"text": "strings", "label": "labels", "split": "splits", "group": "groups"}
FileFormat = Literal["csv", "tsv", "jsonl", "json", "parquet", "excel"]


class SplitSizes(Section):
    """The number of distinct strings of a task in each split."""

    train: int = setting(20000, "Strings to learn from.", unit="strings", ge=1, le=100_000_000)
    validation: int = setting(
        2000, "Strings that choose the best epoch.", unit="strings", ge=1, le=100_000_000
    )
    test: int = setting(
        2000, "Strings that are scored once, at the end.", unit="strings", ge=1, le=100_000_000
    )


class SplitFractions(Section):
    """The share of a file's distinct strings in each split."""

    train: float = setting(0.8, "Share to learn from.", gt=0, lt=1)
    validation: float = setting(0.1, "Share that chooses the best epoch.", gt=0, lt=1)
    test: float = setting(0.1, "Share that is scored once, at the end.", gt=0, lt=1)

    @model_validator(mode="after")
    def _check_sum(self) -> Self:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-6:
            raise refuse("train", f"train, validation and test add up to {total:g}, not to 1")
        return self


class DataFile(Section):
    """The user's own labelled strings, and how to read them."""

    path: str = setting(
        ...,
        "CSV, TSV, JSONL, JSON, Parquet, Excel or OpenDocument; or a folder or pattern of shards.",
        path=True,
        min_length=1,
    )
    validation_path: str | None = setting(
        None, "A separate file for validation.", path=True, min_length=1
    )
    test_path: str | None = setting(None, "A separate file for the test.", path=True, min_length=1)
    text: Column = setting("text", "The column of strings: a name, or a number from 0.")
    label: Column = setting("label", "The column of labels: a name, or a number from 0.")
    split: OptionalColumn = setting(
        None, "The column of splits: train, validation or test; null: splits are drawn at random."
    )
    group: OptionalColumn = setting(
        None, "A column whose equal values stay in one split, such as a person or a source."
    )
    format: FileFormat | None = setting(None, "The file format; null: by the file's ending.")
    delimiter: str | None = setting(
        None, "The column separator; null: a comma, or a tab in TSV.", min_length=1, max_length=1
    )
    header: bool | None = setting(
        None,
        "Whether the first row has the column names; null: yes, unless both columns are numbers.",
    )
    quoting: bool | None = setting(None, 'Whether "…" quotes a field; null: in CSV yes, in TSV no.')
    encoding: str = setting("utf-8", "The text encoding, by its Python name.", min_length=1)
    sheet: str | None = setting(
        None, "The sheet of a spreadsheet; null: the only one with cells.", min_length=1
    )
    strip: bool = setting(True, "Strip white space from both ends of strings and labels.")
    conflicts: Literal["majority", "drop", "error"] = setting(
        "majority",
        "A string with several labels gets the most frequent one, is dropped, or stops the run.",
    )
    min_examples: int = setting(
        3, "Classes with fewer distinct strings are dropped.", unit="strings", ge=1, le=100_000_000
    )
    max_left_out: float = setting(
        0.1,
        "Largest share of rows that may be dropped with such classes; more stops the run.",
        ge=0,
        le=1,
    )
    labels: Labels = setting(
        {}, "New names for labels, {old: new}; labels with the same new name are merged."
    )
    bad_rows: Literal["error", "skip"] = setting(
        "error", "Rows that cannot be read stop the run, or are skipped and counted."
    )

    @model_validator(mode="after")
    def _check_columns(self) -> Self:
        columns = {"text": self.text, "label": self.label, "split": self.split, "group": self.group}
        said = {name: column for name, column in columns.items() if column is not None}
        for name, column in said.items():
            others = [other for other in said if other != name and said[other] == column]
            if others and name != "text":
                what = _COLUMN_WORDS[others[0]]
                raise refuse(name, f"{column!r} is the column of the {what} too")
        if len({isinstance(column, int) for column in said.values()}) > 1:
            odd = next(name for name in said if type(said[name]) is not type(self.text))
            rest = "" if odd == "label" else f", {odd}"
            raise refuse(odd, f"text and label{rest} must both be names or both be numbers")
        return self

    @model_validator(mode="after")
    def _check_splits(self) -> Self:
        has_more_files = self.validation_path or self.test_path
        if self.split is not None and has_more_files:
            raise refuse("split", "a column of splits requires a single file")
        if self.group is not None and (self.split is not None or has_more_files):
            raise refuse("group", "groups require randomly drawn splits")
        return self


class Folds(Section):
    """The part of a k-fold cross-validation that a run is."""

    number: int = setting(5, "Number of equal parts, one of which is the test.", ge=2, le=1000)
    held_out: int = setting(1, "The part held out as the test, from 1.", ge=1, le=1000)

    @model_validator(mode="after")
    def _check_held_out(self) -> Self:
        if self.held_out > self.number:
            raise refuse("held_out", f"{self.held_out} is not one of 1 to {self.number}")
        return self


class DataSection(Section):
    """The examples: a task that makes them, or files that hold them."""

    task: Task | None = setting(
        None, "A synthetic task; null: contains_any, unless there is a file."
    )
    file: DataFile | None = setting(None, "The user's own file instead of a task.")
    sizes: SplitSizes | None = setting(None, "The sizes of a task's splits; null: the defaults.")
    fresh: bool = setting(
        False, "Draw new training strings of a task in each epoch, sizes.train of them."
    )
    split: SplitFractions | None = setting(
        None,
        "The shares of a file's splits; null: 0.8, 0.1, 0.1. The share of a split with a file of "
        "its own is not used.",
    )
    folds: Folds | None = setting(
        None,
        "One turn of a cross-validation on a file; it uses only the validation share of split.",
    )
    stream: bool = setting(False, "Read a file's training strings anew in each epoch.")
    stream_window: int = setting(
        200_000, "With stream: strings shuffled together.", unit="strings", ge=1, le=100_000_000
    )
    stream_held_out: int = setting(
        50_000,
        "With stream: most strings of validation, and of the test.",
        unit="strings",
        ge=1,
        le=100_000_000,
    )
    evaluate_lengths: tuple[LengthRange, ...] = setting(
        (),
        "Further test lengths of a task, sizes.test strings each: a length or [shortest, longest].",
        unit="characters",
        strict=False,
    )

    @model_validator(mode="after")
    def _check_evaluate_lengths(self) -> Self:
        if self.evaluate_lengths and self.file is not None:
            raise refuse("evaluate_lengths", "the lengths in a file are fixed; omit it")
        for shortest, longest in self.evaluate_lengths if self.file is None else ():
            if shortest > longest:
                message = f"{[shortest, longest]} is not [shortest, longest]"
                raise refuse("evaluate_lengths", message)
            low, high = self.source.lengths  # type: ignore[union-attr]
            if shortest <= high and longest >= low:
                raise refuse(
                    "evaluate_lengths",
                    f"{shortest} to {longest} overlaps with data.task.lengths, {low} to {high}: "
                    "the test already has strings of those lengths",
                )
        return self

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        if self.task is not None and self.file is not None:
            raise refuse("file", "give either a task or a file, not both; remove data.task")
        if self.file is not None and self.sizes is not None:
            raise refuse("sizes", "sizes require a task; for a file, use split")
        if self.file is not None and self.fresh:
            raise refuse("fresh", "fresh requires a task; the strings of a file are fixed")
        if self.file is None and self.split is not None:
            raise refuse("split", "split requires a file; for a task, use sizes")
        file = self.file
        has_more_files = file and (file.validation_path or file.test_path)
        if self.split is not None and file and file.validation_path and file.test_path:
            raise refuse(
                "split",
                "validation_path and test_path give both splits, so that no share is left to draw; "
                "remove split, or set data.split=null",
            )
        if self.split is not None and file and file.split is not None:
            raise refuse(
                "split",
                "data.file.split already assigns the splits; remove split, or set data.split=null",
            )
        if self.folds is not None and file is None:
            raise refuse("folds", "folds require a file; a task draws new strings for each seed")
        if self.folds is not None and file and (has_more_files or file.split is not None):
            raise refuse("folds", "folds are drawn from one file, whose splits must not be given")
        return self

    @model_validator(mode="after")
    def _check_stream(self) -> Self:
        if self.stream and (reason := explain_refusal(self.file, self.folds)):
            raise refuse("stream", reason)
        return self

    @property
    def source(self) -> Task | DataFile:
        """The file, the task, or the default task."""
        return self.file or self.task or ContainsAny()
