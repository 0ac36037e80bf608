"""A block of JSON Lines → columns, split by arrays where each line is written like the first.

That is, as programs write them: objects of the same keys and of strings without an escape. All
other lines are for the row-by-row reader.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlptrain.datasets.tables.json_objects import ObjectDecoder
from nlptrain.datasets.tables.table import TextColumns
from nlptrain.datasets.tables.text_stream import encode_block
from nlptrain.text.string_column import StringColumn

_LINE_FEED, _QUOTE = b'\n"'
_QUOTES_OF_A_PAIR = 4
_CONTROLS = 32
"""Bytes below this one are none that a string of JSON may hold as they are (RFC 8259)."""


@dataclass(frozen=True, eq=False)
class Objects:
    """The objects of a block, one a line: all have the same keys.

    Attributes:
        names: The K keys.
        data: The block's bytes.
        starts: Where each value begins in them: (R, K).
        ends: The byte behind it: (R, K).
    """

    names: tuple[str, ...]
    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    def to_columns(self, names: Mapping[int, str], first: int, width: int) -> TextColumns:
        """Take the values of some keys.

        Args:
            names: The keys, by the place of their column.
            first: The number of the first line.
            width: Columns of the table.
        """
        places = {place: self.names.index(name) for place, name in names.items()}
        values = {
            place: StringColumn.of_spans(self.data, self.starts[:, key], self.ends[:, key])
            for place, key in places.items()
        }
        return TextColumns(values, first + np.arange(len(self.starts)), width)


def split_objects(block: str, encoding: str) -> Objects | None:
    """Find the values of all objects; None where a line is not written like the first."""
    first_line, *_ = block.partition("\n")
    if "\\" in block or '"' not in first_line:
        return None
    found, problem = ObjectDecoder(encoding).decode(first_line.removesuffix("\r"))
    if problem is not None or not all(isinstance(value, str) for value in found.values()):
        return None
    content = encode_block(block)
    if content is None:
        return None
    data = np.frombuffer(content, np.uint8)
    quotes, feeds = np.flatnonzero(data == _QUOTE), np.flatnonzero(data == _LINE_FEED)
    if len(quotes) != len(feeds) * _QUOTES_OF_A_PAIR * len(found):
        return None
    grid = quotes.reshape(len(feeds), len(found), _QUOTES_OF_A_PAIR)
    # The third and the fourth quote of each pair are those around its value.
    objects = Objects(tuple(found), data, grid[..., 2] + 1, grid[..., 3])
    return objects if _are_alike(objects, feeds) else None


def _are_alike(objects: Objects, feeds: NDArray[np.int64]) -> bool:
    """Return whether all lines are the first one, but for what stands in the values."""
    data, controls = objects.data, 0
    for begins, ends in _list_frames(objects, feeds):
        size = int(ends[0] - begins[0])
        if not (ends - begins == size).all():
            return False
        frame = data[begins[0] : ends[0]]
        if not (data[begins[:, None] + np.arange(size)] == frame).all():
            return False
        controls += int(np.count_nonzero(frame < _CONTROLS)) * len(begins)
    return int(np.count_nonzero(data < _CONTROLS)) == controls


def _list_frames(
    objects: Objects, feeds: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """List where begins and ends, in each line, what stands before, between, behind its values."""
    begins = np.append(0, feeds[:-1] + 1)
    for place in range(len(objects.names)):
        yield begins, objects.starts[:, place]
        begins = objects.ends[:, place]
    yield begins, feeds + 1
