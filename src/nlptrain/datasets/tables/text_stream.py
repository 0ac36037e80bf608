"""Bytes → lines, with the errors of files and encodings as plain messages."""

import codecs
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO, TextIO

from nlptrain.datasets.tables.compression import decompress
from nlptrain.datasets.tables.wide_encoding import find_wide_encoding
from nlptrain.errors import DataError
from nlptrain.tracking.stage import Advance, stage

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character: what a byte that the encoding does not know is read as."""
UNDECODABLE = "bytes that are not valid"
"""How the problem of a row begins that holds such bytes."""
COMMON_ENCODINGS = "cp1252, latin-1, mac_roman, utf-16"
BLOCK_CHARACTERS = 1 << 18
"""Split by arrays at a time: few enough to stay in the processor's cache."""
_BUFFER_BYTES = 1 << 16


@contextmanager
def open_text(source: Path | BinaryIO, name: str, encoding: str) -> Iterator[TextIO]:
    """Open a file, or read on from a stream, which stays open; compressed or not.

    Lines end at line feeds only; at carriage returns, as on old Macs, where there is no line feed.
    Bytes that are not valid in the encoding become lone surrogates (PEP 383), so that one of them
    spoils one row, and can be written back as it was.

    Raises:
        DataError: The file cannot be opened, or is damaged, or in UTF-16 where UTF-8 is said.
    """
    if codecs.lookup(encoding).name == "utf-8":
        encoding = "utf-8-sig"
    if isinstance(source, Path):
        with open_bytes(source, name) as file, stage(f"reading {name}", _size(file)) as advance:
            if isinstance(file.raw, _TrackedFile):
                file.raw.advance = advance
            yield _decode(file, name, encoding)
        return
    text = _decode(source, name, encoding)
    try:
        yield text
    finally:
        text.detach()


def _decode(file: BinaryIO, name: str, encoding: str) -> io.TextIOWrapper:
    """Look at the first bytes of a stream, and open it as text."""
    if not isinstance(file, io.BufferedReader):
        # Only a buffered stream can be looked into; one in memory is never compressed.
        return io.TextIOWrapper(file, encoding, "surrogateescape", newline="\n")
    with _as_data_errors(name):
        stream = decompress(file)
        start = stream.peek(_BUFFER_BYTES)
    if encoding == "utf-8-sig" and (found := find_wide_encoding(start)):
        raise DataError(
            f"{name}: this looks like {found}, not utf-8; name its encoding: "
            f"--encoding {found}, or data.file.encoding: {found}"
        )
    newline = _find_line_end(start.decode(encoding, "ignore"))
    return io.TextIOWrapper(stream, encoding, "surrogateescape", newline=newline)


def _find_line_end(start: str) -> str:
    r"""Return what lines end with: \r where the start has no other; \n may follow a last one."""
    return "\r" if "\n" not in start and "\r" in start[:-1] else "\n"


class _TrackedFile(io.FileIO):
    """A file that reports how far it has been read, compressed or not.

    Attributes:
        advance: Takes the bytes read so far.
    """

    advance: Advance = staticmethod(lambda _: None)

    def readinto(self, buffer: Any) -> int | None:
        """Read some bytes."""
        count = super().readinto(buffer)
        self.advance(self.tell())
        return count


def open_bytes(path: Path, name: str) -> io.BufferedReader:
    """Open a file.

    Raises:
        DataError: It is missing, a folder, or may not be read.
    """
    with _as_data_errors(name):
        return io.BufferedReader(_TrackedFile(path), _BUFFER_BYTES)


def _size(file: io.BufferedReader) -> int | None:
    """Return a file's bytes; None where it is none, as a pipe that is called by a name."""
    status = os.fstat(file.fileno())
    return status.st_size if S_ISREG(status.st_mode) else None


def read_lines(stream: TextIO, name: str) -> Iterator[str]:
    """Read the lines, each with its line feed.

    Raises:
        DataError: Reading fails, or the encoding cannot get past some bytes.
    """
    with _reading(stream, name):
        # Through a chain, which has no close: else a generator that is left would close the stream.
        yield from chain(stream)


def read_block(stream: TextIO, name: str, lines: Iterator[str], characters: int) -> str:
    """Read on by at least so many characters, to the end of a line; "" at the end.

    Args:
        stream: The text.
        name: What messages call it.
        lines: Its lines, from `read_lines`.
        characters: The fewest.

    Raises:
        DataError: Reading fails, or the encoding cannot get past some bytes.
    """
    block = read_piece(stream, name, characters)
    return block + next(lines, "") if block else ""


def encode_block(block: str) -> bytes | None:
    """Encode lines, each with its line feed; None where one has bytes that are no character."""
    try:
        content = block.encode()
    except UnicodeEncodeError:
        return None
    return content if content.endswith(b"\n") else content + b"\n"


def read_piece(stream: TextIO, name: str, characters: int) -> str:
    """Read on by a number of characters at most; none at the end.

    Raises:
        DataError: Reading fails, or the encoding cannot get past some bytes.
    """
    with _reading(stream, name):
        return stream.read(characters)


@contextmanager
def _reading(stream: TextIO, name: str) -> Iterator[None]:
    """Turn what goes wrong while reading a text into messages."""
    try:
        yield
    except UnicodeError as error:
        raise DataError(
            f"{name}: not valid {stream.encoding}: {error}; name the right encoding"
        ) from error
    except OSError as error:
        raise DataError(describe(error, name)) from error


@contextmanager
def _as_data_errors(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DataError(describe(error, name)) from error


def describe(error: OSError, name: str) -> str:
    """Describe in one line what the operating system refused."""
    return f"{name}: {error.strerror or error}"


def strip_line_end(line: str) -> str:
    """Drop one line feed, with the carriage return before it."""
    return line.removesuffix("\n").removesuffix("\r")


def check_characters(line: str, encoding: str) -> str | None:
    """Describe what is wrong with the bytes of a line; None if nothing is."""
    if line.isascii() or not SURROGATE.search(line):
        return None
    return f"{UNDECODABLE} {encoding}"


def to_bytes(text: str, encoding: str) -> bytes:
    """Return a text's bytes as they stood in the file, undecodable ones too."""
    name = codecs.lookup(encoding).name.removesuffix("-sig")
    return text.encode(name, "surrogateescape")
