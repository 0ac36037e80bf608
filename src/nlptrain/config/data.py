"""Where the strings come from: a synthetic task, or the user's own files."""

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, model_validator
from pydantic_core import PydanticCustomError

from nlptrain.section import Section, refuse, setting
from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.registry import Task


def _check_column(value: object) -> object:
    """Accept a column's name, or its number from 0 in a file without a header."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise PydanticCustomError("column", "expected a column's name, or its number from 0")


Column = Annotated[int | str, BeforeValidator(_check_column)]
FileFormat = Literal["csv", "tsv", "jsonl", "parquet"]


class SplitSizes(Section):
    """How many distinct strings of a task each split gets."""

    train: int = setting(20000, "Strings to learn from.", unit="strings", ge=1, le=100_000_000)
    validation: int = setting(
        2000,
        "Strings that choose the best epoch and stop early.",
        unit="strings",
        ge=1,
        le=100_000_000,
    )
    test: int = setting(
        2000, "Strings that are read once, at the end.", unit="strings", ge=1, le=100_000_000
    )


class SplitFractions(Section):
    """Which share of a file's distinct strings each split gets."""

    train: float = setting(0.8, "Share to learn from.", gt=0, lt=1)
    validation: float = setting(0.1, "Share that chooses the best epoch.", gt=0, lt=1)
    test: float = setting(0.1, "Share that is read once, at the end.", gt=0, lt=1)

    @model_validator(mode="after")
    def _check_sum(self) -> Self:
        total = self.train + self.validation + self.test
        if abs(total - 1) > 1e-6:
            raise refuse("train", f"train, validation and test add up to {total:g}, not to 1")
        return self


class DataFile(Section):
    """The user's own labelled strings, and how to read them."""

    path: str = setting(..., "The data: CSV, TSV, JSONL or Parquet.", path=True, min_length=1)
    validation_path: str | None = setting(
        None, "A file of its own for validation.", path=True, min_length=1
    )
    test_path: str | None = setting(
        None, "A file of its own for the test.", path=True, min_length=1
    )
    text: Column = setting("text", "The column of the strings: a name, or a number from 0.")
    label: Column = setting("label", "The column of the labels: a name, or a number from 0.")
    format: FileFormat | None = setting(None, "The format; null: by the file's ending.")
    delimiter: str | None = setting(
        None, "What separates columns; null: a comma, in TSV a tab.", min_length=1, max_length=1
    )
    header: bool | None = setting(
        None, "Whether the first row names the columns; null: unless both columns are numbers."
    )
    quoting: bool | None = setting(None, 'Whether "…" quotes a field; null: in CSV yes, in TSV no.')
    encoding: str = setting("utf-8", "The text encoding, by its Python name.", min_length=1)
    strip: bool = setting(True, "Drop white space at both ends of strings and labels.")
    conflicts: Literal["majority", "drop", "error"] = setting(
        "majority",
        "A string with several labels: takes the most frequent one, is left out, or stops the run.",
    )
    min_examples: int = setting(
        3, "A class with fewer distinct strings is left out.", unit="strings", ge=1, le=100_000_000
    )
    bad_rows: Literal["error", "skip"] = setting(
        "error", "Rows that cannot be read: stop before training, or skip and count."
    )

    @model_validator(mode="after")
    def _check_columns(self) -> Self:
        if self.text == self.label:
            raise refuse("label", f"{self.label!r} is the column of the strings too")
        numbers = [isinstance(column, int) for column in (self.text, self.label)]
        if any(numbers) and not all(numbers):
            raise refuse("label", "text and label must both be names or both be numbers")
        return self


class DataSection(Section):
    """The examples: a task that makes them, or files that hold them."""

    task: Task | None = setting(None, "A synthetic task; null without a file: contains_any.")
    file: DataFile | None = setting(None, "The user's own file instead of a task.")
    sizes: SplitSizes | None = setting(None, "The sizes of a task's splits; null: the defaults.")
    fresh: bool = setting(
        False, "Whether each epoch draws a task's training strings anew, as many as sizes.train."
    )
    split: SplitFractions | None = setting(
        None, "The shares of a file's splits; null: 0.8, 0.1, 0.1."
    )

    @model_validator(mode="after")
    def _check_source(self) -> Self:
        if self.task is not None and self.file is not None:
            raise refuse("file", "give either a task or a file, not both")
        if self.file is not None and self.sizes is not None:
            raise refuse("sizes", "sizes go with a task; a file takes split")
        if self.file is not None and self.fresh:
            raise refuse("fresh", "fresh goes with a task; a file's strings are what they are")
        if self.file is None and self.split is not None:
            raise refuse("split", "split goes with a file; a task takes sizes")
        has_more_files = self.file and (self.file.validation_path or self.file.test_path)
        if self.split is not None and has_more_files:
            raise refuse("split", "split goes with one file; separate files are taken whole")
        return self

    @property
    def source(self) -> Task | DataFile:
        """The file, the task, or the default task."""
        return self.file or self.task or ContainsAny()
