"""A JSON file that is one array of objects, whose keys are the columns; read piece by piece."""

from collections.abc import Iterator
from typing import Any, NamedTuple, TextIO

from nlptrain.datasets.tables.json_objects import ObjectDecoder
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.table import Row, Table
from nlptrain.datasets.tables.text_stream import read_piece
from nlptrain.errors import DataError

_PIECE_CHARACTERS = 1 << 16
_SPACE = " \t\r\n"


class _Element(NamedTuple):
    """One element of the array: where it begins, as it stands there, decoded, its problem."""

    line: int
    text: str
    found: dict[str, Any]
    problem: str | None


def read_json_array(stream: TextIO, name: str, layout: TableLayout) -> Table:
    """Read a table of objects; a key that an object lacks has no value there.

    Reads the file twice, the first time for the keys: a late object may bring a new one.

    Raises:
        DataError: The file is no JSON array, or holds no object.
    """
    if not stream.seekable():
        raise DataError(f"{name}: json is read twice, which this stream cannot do: save it first")
    keys: dict[str, None] = {}
    first_problem = "the array is empty"
    for element in _Elements(stream, name, layout):
        keys.update(dict.fromkeys(element.found))
        if element.problem is not None and first_problem == "the array is empty":
            first_problem = f"no object in the array; line {element.line}: {element.problem}"
    if not keys:
        raise DataError(f"{name}: {first_problem}")
    stream.seek(0)
    columns = tuple(keys)
    rows = _read_rows(_Elements(stream, name, layout), columns)
    return Table(name, columns, rows, encoding=layout.encoding)


def _read_rows(elements: "_Elements", columns: tuple[str, ...]) -> Iterator[Row]:
    """Make a row of each element; a bad one keeps its text in the first column."""
    rest = (None,) * (len(columns) - 1)
    for line, text, found, problem in elements:
        values = tuple(map(found.get, columns)) if problem is None else (text, *rest)
        yield Row(line, values, problem)


class _Elements:
    """Goes through the array with no more in memory than a piece of the file."""

    def __init__(self, stream: TextIO, name: str, layout: TableLayout) -> None:
        self._stream = stream
        self._name = name
        self._decoder = ObjectDecoder(layout.encoding)
        self._text = ""
        self._place = 0
        self._line = 1
        self._is_whole = False

    def __iter__(self) -> Iterator[_Element]:
        if (first := self._next_character()) != "[":
            raise DataError(f"{self._name}: {_explain_start(first)}")
        self._pass(self._place + 1)
        if self._next_character() != "]":
            yield self._decode()
            while self._next_character() == ",":
                self._pass(self._place + 1)
                self._next_character()
                yield self._decode()
        if (end := self._next_character()) != "]":
            raise self._refuse(f"{end!r} in place of a comma" if end else "the file is cut short")
        self._pass(self._place + 1)
        if rest := self._next_character():
            raise self._refuse(f"{rest!r} behind the end of the array")

    def _decode(self) -> _Element:
        """Decode the element at hand; one that goes on behind the piece needs a longer piece."""
        while True:
            try:
                found, problem, end = self._decoder.decode_next(self._text, self._place)
            except RecursionError:
                raise self._refuse("nested too deep") from None
            except ValueError as error:
                if self._is_whole:
                    raise self._refuse(str(error).partition(": line")[0]) from error
                self._read_on()
                continue
            if end < len(self._text) or self._is_whole:
                element = _Element(self._line, self._text[self._place : end], found, problem)
                self._pass(end)
                return element
            self._read_on()

    def _next_character(self) -> str:
        """Pass over white space, and return the character behind it; none at the end."""
        while True:
            place = self._place
            while self._text[place : place + 1] in _SPACE and place < len(self._text):
                place += 1
            self._pass(place)
            if place < len(self._text) or self._is_whole:
                return self._text[place : place + 1]
            self._read_on()

    def _pass(self, end: int) -> None:
        """Go on to a place in the piece."""
        self._line += self._text.count("\n", self._place, end)
        self._place = end

    def _read_on(self) -> None:
        """Drop what has been passed and read more: as much again where one element is long."""
        rest = self._text[self._place :]
        more = read_piece(self._stream, self._name, max(_PIECE_CHARACTERS, len(rest)))
        self._text, self._place, self._is_whole = rest + more, 0, not more

    def _refuse(self, problem: str) -> DataError:
        return DataError(
            f"{self._name}:{self._line}: not valid JSON: {problem}; repair it or save it again"
        )


def _explain_start(first: str) -> str:
    """Explain what else than an array begins with a character."""
    if not first:
        return "the file is empty"
    if first == "{":
        return (
            "it holds no array of objects, [{…}, {…}]; if it has one object a line, name it .jsonl "
            "(or for training say data.file.format: jsonl)"
        )
    return f"no JSON array of objects: it begins with {first!r}"
