"""What labels of a user's file may be: renamed, probably the same, or no classes at all."""

import json
import math
import shlex
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches

from nlptrain.config.data import DataFile
from nlptrain.datasets.cleaning_report import count, list_first
from nlptrain.datasets.labelled_rows import LabelledRows
from nlptrain.errors import DataError
from nlptrain.text.coded_column import CodedColumn

_NEARLY_ALL = 0.9
_WORDS_OF_TEXT = 3
"""Words a label from which on labels look like free text."""
_MANY = 20
"""Rows from which on it says something that nearly each label is another."""
_LISTED = 10


def rename_labels(files: Sequence[LabelledRows], renamed: Mapping[str, str]) -> None:
    """Rename the labels of rows as `data.file.labels` says.

    Raises:
        DataError: A label to be renamed stands in no row.
    """
    if not renamed:
        return
    found = {label for file in files for label in file.labels.names}
    for label in renamed:
        if label not in found:
            close = get_close_matches(label, found, 1)
            listed = ", ".join(list_first(list(map(repr, sorted(found))), len(found)))
            hint = f"; did you mean {close[0]!r}?" if close else f"; there is {listed}"
            raise DataError(f"data.file.labels: no row has the label {label!r}{hint}")
    for file in files:
        file.labels = file.labels.rename(renamed)


def describe_alike_labels(labels: Sequence[str]) -> tuple[int, str]:
    """Name the labels that differ only in case, spaces or Unicode form.

    Returns:
        How many labels are probably the same as a more frequent one, and a sentence that says
        which, and how to merge them.
    """
    sizes = Counter(CodedColumn.of(labels).sizes)
    alike: dict[str, list[str]] = {}
    for label, _ in sizes.most_common():
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", label).casefold())
        alike.setdefault(" ".join(folded.split()), []).append(label)
    groups = [names for names in alike.values() if len(names) > 1]
    merged = {name: first for first, *names in groups for name in names}
    shown = [" and ".join(f"{name!r} ({sizes[name]:,})" for name in names) for names in groups]
    setting = f"data.file.labels={json.dumps(merged, ensure_ascii=False)}"
    return len(merged), (
        f"{count(len(merged), 'label')} probably the same as another, but for case, spaces or "
        f"Unicode form: {'; '.join(list_first(shown, len(shown)))}; merge: "
        f"--set {shlex.quote(setting)}"
    )


def check_left_out(
    file: DataFile, rows: Mapping[str, int], kept: Collection[str], notes: Sequence[str]
) -> None:
    """Refuse to leave out classes that hold much of the rows: then labels are no classes.

    Args:
        file: The file, and which share of the rows may go.
        rows: The rows of each label.
        kept: The labels of classes with enough strings.
        notes: What else was found out about the file.

    Raises:
        DataError: More rows than that would go.
    """
    total = sum(rows.values())
    sizes = Counter({label: size for label, size in rows.items() if label not in kept})
    gone = sizes.total()
    if gone <= file.max_left_out * total:
        return
    share = math.ceil(100 * gone / total) / 100
    first = list_first(
        [f"{label!r} ({n:,})" for label, n in sizes.most_common(_LISTED)], len(sizes)
    )
    raise DataError(
        f"{file.path}: {gone:,} of {total:,} rows would go with {len(sizes):,} classes of "
        f"fewer than {count(file.min_examples, 'distinct string')}: {', '.join(first)}\n"
        f"the labels look like {_describe_kind(rows)}; is it the right column? data.file.label\n"
        f"if it is meant: --set data.file.max_left_out={share:g} leaves them out, "
        "--set data.file.min_examples=1 keeps them" + "".join(f"\n{note}" for note in notes)
    )


def _describe_kind(rows: Mapping[str, int]) -> str:
    """Describe what labels look like that are no classes."""
    distinct, total = list(rows), sum(rows.values())
    if sum(map(_is_number, distinct)) >= _NEARLY_ALL * len(distinct):
        return "numbers, and a network learns classes: make some, such as low and high"
    if sum(len(label.split()) for label in distinct) >= _WORDS_OF_TEXT * len(distinct):
        return "free text"
    if total >= _MANY and len(distinct) >= _NEARLY_ALL * total:
        return "an id, of which nearly every row has its own"
    return f"classes, {len(distinct):,} of them, most of which are rare"


def _is_number(label: str) -> bool:
    try:
        float(label.replace(",", "."))
    except ValueError:
        return False
    return True
