"""The bad rows of a table: counted, the first named, and a fault that the file shares told once."""

from collections import Counter
from dataclasses import dataclass, field

from nlptrain.datasets.tables.encoding_guess import describe_encoding
from nlptrain.datasets.tables.table import Row, Table
from nlptrain.datasets.tables.text_stream import UNDECODABLE, to_bytes

LISTED = 10
"""Bad rows that are named; with more, and more than a tenth of all, a fault is the file's."""
_SHARED = 0.1
_SAMPLE_BYTES = 1 << 14


@dataclass
class BadRows:
    """What is known of the rows that could not be used, and how many others there are.

    Attributes:
        number: How many could not be used.
        listed: The first of them, as file:line: reason.
        undecodable: How many hold bytes that the encoding does not know.
        good: How many rows could be used.
        decoded: How many of those hold characters beyond ASCII, which were read well.
    """

    number: int = 0
    listed: list[str] = field(default_factory=list)
    undecodable: int = 0
    good: int = 0
    decoded: int = 0
    _reasons: Counter[str] = field(default_factory=Counter)
    _sample: bytearray = field(default_factory=bytearray)

    def add(self, table: Table, row: Row, problem: str) -> None:
        """Count a row."""
        self.number += 1
        if problem.startswith(UNDECODABLE):
            self._keep_bytes(table, row)
        elif len(self._reasons) < LISTED or problem in self._reasons:
            self._reasons[problem] += 1
        if len(self.listed) < LISTED:
            self.listed.append(f"{table.name}:{row.line}: {problem}")

    def join(self, other: "BadRows") -> None:
        """Add the rows of another table."""
        self.number += other.number
        self.listed = [*self.listed, *other.listed][:LISTED]
        self.undecodable += other.undecodable
        self.good += other.good
        self.decoded += other.decoded
        self._reasons.update(other._reasons)
        self._sample = (self._sample + other._sample)[:_SAMPLE_BYTES]

    @property
    def named(self) -> list[str]:
        """The first rows; of undecodable ones in a file of another encoding only the first."""
        if self.undecodable <= self.decoded:
            return self.listed
        first = next((line for line in self.listed if UNDECODABLE in line), None)
        return [line for line in self.listed if line == first or UNDECODABLE not in line]

    @property
    def fault(self) -> str | None:
        """The fault that many rows share, with what to say about the file; None: single rows."""
        if self.undecodable > self.decoded:
            encoding = describe_encoding(bytes(self._sample))
            return f"{self.undecodable:,} of {self._rows:,} rows: {encoding}"
        problem, number = max(self._reasons.items(), key=lambda item: item[1], default=("", 0))
        if self._is_shared(number):
            return (
                f"{number:,} of {self._rows:,} rows: {problem}: the file is written down "
                "otherwise than it is read; check the delimiter, the quotes and the columns"
            )
        return None

    @property
    def may_be_left_out(self) -> bool:
        """Whether leaving the rows out would cost single rows only."""
        if self.undecodable > max(1, self.decoded):
            return False
        return not any(map(self._is_shared, self._reasons.values()))

    @property
    def _rows(self) -> int:
        return self.good + self.number

    def _is_shared(self, number: int) -> bool:
        return number > LISTED and number > _SHARED * self._rows

    def _keep_bytes(self, table: Table, row: Row) -> None:
        """Keep a row's bytes, to find their encoding by."""
        self.undecodable += 1
        if len(self._sample) < _SAMPLE_BYTES:
            texts = [value for value in row.values if isinstance(value, str)]
            line = "\n".join(text for text in texts if not text.isascii())[:_SAMPLE_BYTES]
            self._sample += to_bytes(f"{line}\n", table.encoding)
