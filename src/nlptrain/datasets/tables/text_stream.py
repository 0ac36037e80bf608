"""Bytes → lines, with the errors of files and encodings as plain messages."""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TextIO

from nlptrain.datasets.tables.compression import decompress
from nlptrain.errors import DataError

SURROGATE = re.compile("[\ud800-\udfff]")
"""Half of a character: what a byte that the encoding does not know is read as."""


@contextmanager
def open_text(source: Path | BinaryIO, name: str, encoding: str) -> Iterator[TextIO]:
    """Open a file, or read on from a stream, which stays open; compressed or not.

    Lines end at line feeds only. Bytes that are not valid in the encoding become lone surrogates
    (PEP 383), so that one of them spoils one row, and can be written back as it was.

    Raises:
        DataError: The file cannot be opened, or is damaged.
    """
    if codecs.lookup(encoding).name == "utf-8":
        encoding = "utf-8-sig"
    if not isinstance(source, Path):
        # Only a buffered stream can be looked into; a stream in memory is never compressed.
        stream = decompress(source) if isinstance(source, io.BufferedReader) else source
        text = io.TextIOWrapper(stream, encoding, "surrogateescape", newline="\n")
        try:
            yield text
        finally:
            text.detach()
        return
    with open_bytes(source, name) as file:
        with _as_data_errors(name):
            stream = decompress(file)
            start = stream.peek(4)[:4]
        if encoding == "utf-8-sig" and start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
            found = "utf-32" if start == codecs.BOM_UTF32_LE else "utf-16"
            raise DataError(
                f"{name}: this looks like {found}, not utf-8; name its encoding: "
                f"--encoding {found}, or data.file.encoding: {found}"
            )
        yield io.TextIOWrapper(stream, encoding, "surrogateescape", newline="\n")


def open_bytes(path: Path, name: str) -> io.BufferedReader:
    """Open a file.

    Raises:
        DataError: It is missing, a folder, or may not be read.
    """
    with _as_data_errors(name):
        return path.open("rb")


def read_lines(stream: TextIO, name: str) -> Iterator[str]:
    """Give the lines, each with its line feed.

    Raises:
        DataError: Reading fails, or the encoding cannot get past some bytes.
    """
    try:
        # Through a chain, which has no close: else a generator that is left would close the stream.
        yield from chain(stream)
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
    """Say in one line what the operating system refused."""
    return f"{name}: {error.strerror or error}"


def strip_line_end(line: str) -> str:
    """Drop one line feed, with the carriage return before it."""
    return line.removesuffix("\n").removesuffix("\r")


def check_characters(line: str, encoding: str) -> str | None:
    """Say what is wrong with a line's bytes; None if nothing is."""
    if line.isascii() or not SURROGATE.search(line):
        return None
    return f"bytes that are not valid {encoding}"
