"""A labelled file as the command line names it, and how it is read for a network."""

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from nlptrain.config.data import DataFile
from nlptrain.datasets.column_choice import Command
from nlptrain.errors import DataError
from nlptrain.files.model_file import ModelFile

Column = int | str


@dataclass(frozen=True)
class LabelledFile:
    """A file to score a network on.

    Attributes:
        path: CSV, TSV, JSONL, JSON, Parquet, Excel or OpenDocument.
        text: The column of the strings; None: the one that the network was trained on.
        label: The column of the labels; None: likewise.
        delimiter: What separates columns; None: by the file's ending.
        encoding: The text encoding, by its Python name.
        sheet: The sheet of a spreadsheet; None: the only one with cells.
        bad_rows: Whether rows that cannot be read stop the evaluation, or are left out.
    """

    path: Path
    text: Column | None = None
    label: Column | None = None
    delimiter: str | None = None
    encoding: str = "utf-8"
    sheet: str | None = None
    bad_rows: Literal["error", "skip"] = "error"

    @property
    def command(self) -> Command:
        """How a command names two columns."""
        path = shlex.quote(str(self.path))
        return lambda text, label: f"nlptrain evaluate --file {path} --text {text} --label {label}"

    @property
    def meant(self) -> frozenset[str]:
        """Which of the two columns the user named."""
        named = {"text": self.text, "label": self.label}
        return frozenset(name for name, column in named.items() if column is not None)

    def describe(self, model: ModelFile) -> DataFile:
        """Describe how to read the file, in the words of a config.

        Raises:
            DataError: Columns, delimiter or encoding make no sense.
        """
        try:
            return DataFile(
                path=str(self.path),
                text=model.columns[0] if self.text is None else self.text,
                label=model.columns[1] if self.label is None else self.label,
                delimiter=self.delimiter,
                encoding=self.encoding,
                sheet=self.sheet,
                strip=model.text.strip,
            )
        except ValidationError as error:
            first = error.errors()[0]
            place = "".join(f"{part}: " for part in first["loc"])
            raise DataError(f"{self.path}: {place}{first['msg']}") from error
