"""Compressed files as plain streams of bytes: gzip, bzip2, xz, Zstandard, a zip of one file."""

import bz2
import gzip
import io
import lzma
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any, BinaryIO, Literal, assert_never

from nlptrain.errors import DataError

Compression = Literal["gz", "bz2", "xz", "zst", "zip"]

COMPRESSIONS: dict[str, Compression] = {
    ".gz": "gz",
    ".bz2": "bz2",
    ".xz": "xz",
    ".zst": "zst",
    ".zip": "zip",
}
"""What a file's last ending says of the bytes below it."""

_FIRST_BYTES: dict[bytes, Compression] = {
    b"\x1f\x8b\x08": "gz",  # RFC 1952, with deflate as its method
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zst",  # RFC 8878
    b"PK\x03\x04": "zip",
}
_BZIP2_BLOCK = b"1AY&SY"
"""Follows `BZh` and a digit; a text may well begin with those three letters."""
_LISTED = 10
_GZIP_LEVEL = 6
_BUFFER_BYTES = 1 << 17


def split_compression(path: Path) -> tuple[Path, Compression | None]:
    """Split off the ending of a compression: `names.csv.gz` is `names.csv` in gzip."""
    found = COMPRESSIONS.get(path.suffix.lower())
    return (path.with_suffix(""), found) if found else (path, None)


def decompress(stream: io.BufferedReader) -> io.BufferedReader:
    """Return the plain bytes of a stream, whose first bytes say whether it is compressed.

    The stream stays open. Reading raises OSError where the data are damaged or cut short.
    """
    found = _recognize(stream.peek(10)[:10])
    if found is None:
        return stream
    return io.BufferedReader(_Decompressed(stream, found), _BUFFER_BYTES)


def find_zipped_name(path: Path) -> str:
    """Find the name of the one file in a zip.

    Raises:
        DataError: It is no zip, or holds none or several.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _find_member(archive)
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: {error}") from error


def compress(stream: BinaryIO, compression: Compression | None) -> BinaryIO:
    """Write to a stream in a compression; closing it ends the data, and leaves the stream open."""
    return stream if compression is None else _open(stream, compression, "wb")


def _recognize(start: bytes) -> Compression | None:
    """Recognize a compression by the first ten bytes."""
    for first_bytes, compression in _FIRST_BYTES.items():
        if start.startswith(first_bytes):
            return compression if compression != "bz2" or start[4:] == _BZIP2_BLOCK else None
    return None


class _Decompressed(io.RawIOBase):
    """The plain bytes of a compressed stream, with one kind of error for all that is wrong."""

    def __init__(self, stream: io.BufferedReader, compression: Compression) -> None:
        self._stream = stream
        self._compression = compression
        self._plain = _open(stream, compression, "rb")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._plain.seek(offset, whence))

    def readinto(self, buffer: Any) -> int:
        try:
            return int(self._plain.readinto(buffer))
        except EOFError as error:
            raise OSError(f"the {self._compression} data end too soon: it is cut short") from error
        except _find_errors(self._compression) as error:
            if isinstance(error, OSError) and error.errno is not None:
                raise
            raise OSError(f"the {self._compression} data are damaged: {error}") from error

    def close(self) -> None:
        if not self.closed:
            self._plain.close()
        super().close()


def _find_errors(compression: Compression) -> tuple[type[Exception], ...]:
    """Return what reading damaged data raises, beside EOFError."""
    match compression:
        case "gz":
            return (OSError, zlib.error)
        case "bz2":
            return (OSError, ValueError)
        case "xz":
            return (OSError, lzma.LZMAError)
        case "zst":
            return (OSError, _import_zstd().ZstdError)
        case "zip":
            return (OSError, zlib.error, zipfile.BadZipFile)
        case _:
            assert_never(compression)


def _open(stream: BinaryIO, compression: Compression, mode: Literal["rb", "wb"]) -> Any:
    """Open a compressed stream; gzip without a time, so that the same rows are the same bytes."""
    match compression:
        case "gz":
            return gzip.GzipFile("", mode, _GZIP_LEVEL, stream, mtime=0)
        case "bz2":
            return bz2.BZ2File(stream, mode)
        case "xz":
            return lzma.LZMAFile(stream, mode)
        case "zst":
            return _import_zstd().ZstdFile(stream, mode)
        case "zip":
            return _open_zip(stream)
        case _:
            assert_never(compression)


def _open_zip(stream: BinaryIO) -> Any:
    """Open the one file in a zip, which is read, never written."""
    if not stream.seekable():
        raise OSError("a zip cannot be read from a stream: save it first")
    try:
        archive = zipfile.ZipFile(stream)
    except zipfile.BadZipFile as error:
        raise OSError(f"the zip data are damaged, or cut short: {error}") from error
    name = _find_member(archive)
    try:
        return archive.open(name)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        # Another method than zipfile knows, or a password.
        raise OSError(f"{name} in the zip cannot be unpacked: {error}") from error


def _find_member(archive: zipfile.ZipFile) -> str:
    """Find the one file, beside what macOS puts in of its own accord."""
    names = [name for name in archive.namelist() if not name.endswith("/")]
    if "[Content_Types].xml" in names or "mimetype" in names:
        raise OSError("it is a spreadsheet or a document: if it is a sheet, name it .xlsx or .ods")
    names = [name for name in names if not name.startswith("__MACOSX/")]
    if len(names) != 1:
        listed = ", ".join(map(repr, names[:_LISTED]))
        raise OSError(f"the zip holds {len(names):,} files, not one table: unpack it; {listed}")
    return names[0]


def _import_zstd() -> Any:
    """Import Zstandard, which the standard library has from Python 3.14 on."""
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd
