"""The rows of a user's files as they stand there, and what is odd about them."""

from pathlib import Path

from nlptrain.config.data import DataFile
from nlptrain.config.text import TextSection
from nlptrain.datasets.cleaning_report import count
from nlptrain.datasets.labelled_rows import LabelledRows, read_labelled_rows
from nlptrain.datasets.row_findings import Finding, RawRows, find_oddities
from nlptrain.datasets.tables.layout import complete_layout
from nlptrain.text.normalization import normalize
from nlptrain.text.reading import Reading

_AS_IT_IS = TextSection(unicode="none", lowercase=False)


def find_in_files(file: DataFile, text: TextSection) -> list[Finding]:
    """Read a config's files once more, without its rules, and say what is odd about their rows.

    Args:
        file: The files, and how they are read.
        text: The settings that decide which strings are the same.

    Raises:
        DataError: A file cannot be read.
    """
    paths = [path for path in (file.path, file.validation_path, file.test_path) if path]
    raw = file.model_copy(update={"strip": False})
    files = [read_labelled_rows(path, raw, _AS_IT_IS) for path in paths]
    findings = [finding for path in paths for finding in _find_bad_quoting(path, raw)]
    texts = [text for rows in files for text in rows.texts]
    stripped = [label.strip() if file.strip else label for rows in files for label in rows.labels]
    labels = [file.labels.get(label, label) for label in stripped]
    if not texts:
        return findings
    spelled = normalize(texts, text.unicode, text.lowercase)
    normalized = [text.strip() for text in spelled] if file.strip else spelled
    readings = Reading.of(text).read(normalized)
    return findings + find_oddities(RawRows(texts, labels, readings))


def _find_bad_quoting(path: str, file: DataFile) -> list[Finding]:
    """Find quotes that quote nothing: without quoting the rows are others, and no fewer are good.

    Quotes that are meant are no finding: without quoting their rows would be bad.
    """
    layout = complete_layout(
        Path(path), table_format=file.format, delimiter=file.delimiter, quoting=file.quoting
    )
    if layout.format not in ("csv", "tsv"):
        return []
    on, off = (
        _count(read_labelled_rows(path, file.model_copy(update={"quoting": quoting}), _AS_IT_IS))
        for quoting in (True, False)
    )
    if on == off or off[1] > on[1]:
        return []
    advice = "say data.file.quoting: false" if layout.quoting else "so data.file.quoting is off"
    return [
        Finding(
            "quoting",
            off[0] - on[0],
            f"{path}: quotes that quote nothing: {_describe(*off)} without quoting, "
            f"{_describe(*on)} with it; {advice}",
        )
    ]


def _count(rows: LabelledRows) -> tuple[int, int]:
    return len(rows.texts), rows.bad.number


def _describe(good: int, bad: int) -> str:
    return count(good, "row") + (f" and {count(bad, 'bad one')}" if bad else "")
