import bz2
import gzip
import io
import lzma
import os
import tracemalloc
import zipfile

import pytest

from nlptrain.datasets.tables.compression import COMPRESSIONS, compress, decompress
from nlptrain.datasets.tables.layout import FORMATS, TableLayout, complete_layout, find_format
from nlptrain.datasets.tables.reader import read_table
from nlptrain.datasets.tables.writer import write_columns
from nlptrain.errors import DataError

STREAMED = [ending for ending, found in FORMATS.items() if found in ("csv", "tsv", "jsonl", "text")]
PACKED = [ending for ending in COMPRESSIONS if ending != ".zip"]
COLUMNS = {"text": ["abc", "Müller", "x"], "label": ["a", "b", "a"]}


def pack(content, ending):
    """Compress with the tools that people have, where the standard library has them."""
    tools = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
    if ending in tools:
        return tools[ending](content)
    stream = io.BytesIO()
    with compress(stream, "zst") as packed:
        packed.write(content)
    return stream.getvalue()


def read(path, layout=None):
    with read_table(path, layout or complete_layout(path)) as table:
        return [row.values for row in table.rows]


@pytest.mark.parametrize("compression", PACKED)
@pytest.mark.parametrize("ending", STREAMED)
def test_every_format_comes_back_from_every_compression(tmp_path, ending, compression):
    plain, packed = tmp_path / f"a{ending}", tmp_path / f"a{ending}{compression}"
    for path in (plain, packed):
        write_columns(path, COLUMNS, find_format(path))
    assert packed.read_bytes()[:3] != plain.read_bytes()[:3]
    assert read(packed) == read(plain)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


@pytest.mark.parametrize("compression", PACKED)
def test_same_rows_are_the_same_bytes(tmp_path, compression):
    path = tmp_path / f"a.csv{compression}"
    written = []
    for _ in range(2):
        write_columns(path, COLUMNS, "csv")
        written.append(path.read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize("compression", PACKED)
def test_first_bytes_tell_a_compression_whatever_the_ending(tmp_path, compression):
    path = tmp_path / "a.csv"
    path.write_bytes(pack(b"text,label\nabc,1\n", compression))
    assert read(path) == [("abc", "1")]


@pytest.mark.parametrize("content", [b"", b"B", b"BZh9 is a word", b"\x1f\n", b"(\xb5\n"])
def test_text_that_begins_alike_is_read_as_it_is(content):
    stream = io.BufferedReader(io.BytesIO(content))
    assert decompress(stream).read() == content


@pytest.mark.parametrize("compression", PACKED)
def test_data_that_are_cut_short_or_damaged_are_refused(tmp_path, compression):
    lines = b"".join(b"%d,%s\n" % (number, os.urandom(9).hex().encode()) for number in range(20000))
    whole = pack(b"text,label\n" + lines, compression)
    path = tmp_path / f"a.csv{compression}"
    middle = len(whole) // 2
    damaged = whole[:middle] + bytes(byte ^ 255 for byte in whole[middle:])
    for content, message in ((whole[:middle], "cut short"), (damaged, "damaged")):
        path.write_bytes(content)
        with pytest.raises(DataError, match=f"{path}: .*{message}"):
            read(path)


def test_compressed_parquet_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"compressed by itself: unpack it, or name it a\.parquet"):
        find_format(tmp_path / "a.parquet.gz")


@pytest.mark.parametrize("compression", PACKED)
def test_compressed_standard_input_is_read(compression):
    reader, writer = os.pipe()
    with os.fdopen(writer, "wb") as stream:
        stream.write(pack(b"abc\nb\n", compression))
    with os.fdopen(reader, "rb") as stream:
        assert read(stream, TableLayout("text")) == [("abc",), ("b",)]
        assert not stream.closed


@pytest.mark.long
@pytest.mark.parametrize("compression", PACKED)
def test_memory_does_not_grow_with_what_is_inside(tmp_path, compression):
    path = tmp_path / f"a.csv{compression}"
    path.write_bytes(pack(b"text,label\n" + b"abcdefgh,1\n" * 2_000_000, compression))
    tracemalloc.start()
    try:
        with read_table(path, complete_layout(path)) as table:
            assert next(table.rows).values == ("abcdefgh", "1")
            assert sum(1 for _ in zip(range(20_000), table.rows, strict=False)) == 20_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 << 20  # of 22 MB of rows; the dictionary of xz alone has 8


def write_zip(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("name", ["a.zip", "a.csv.zip", "a.csv"])
def test_zip_with_one_table_is_that_table(tmp_path, name):
    files = {"b/": b"", "b/t.csv": b"text,label\nabc,1\n", "__MACOSX/b/._t.csv": b"\0"}
    write_zip(tmp_path / name, files)
    assert read(tmp_path / name) == [("abc", "1")]


@pytest.mark.parametrize("name", ["t.jsonl", "t.json"])
def test_zip_is_read_twice_where_the_format_asks_for_it(tmp_path, name):
    content = b'{"text": "a", "x": 1}'
    write_zip(tmp_path / "a.zip", {name: content if name == "t.jsonl" else b"[%s]" % content})
    assert read(tmp_path / "a.zip") == [("a", 1)]


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, "the zip holds 0 files, not one table"),
        ({"a.csv": b"", "b.csv": b""}, "the zip holds 2 files, .*'a.csv', 'b.csv'"),
        ({"[Content_Types].xml": b"", "xl/workbook.xml": b""}, r"name it \.xlsx"),
    ],
)
@pytest.mark.parametrize("name", ["a.zip", "a.csv"])
def test_zip_without_one_table_is_refused(tmp_path, files, problem, name):
    write_zip(tmp_path / name, files)
    if not files:
        (tmp_path / name).write_bytes(b"PK\x03\x04" * (name == "a.csv"))
        problem = "zip"
    with pytest.raises(DataError, match=problem):
        read(tmp_path / name)


def test_damaged_zip_is_refused(tmp_path):
    path = tmp_path / "a.csv"
    write_zip(path, {"t.csv": b"text,label\n" + os.urandom(5000).hex().encode()})
    whole = path.read_bytes()
    for content in (whole[:-30], whole[:1000] + bytes(50) + whole[1050:]):
        path.write_bytes(content)
        with pytest.raises(DataError, match="damaged"):
            read(path)


def test_zip_is_not_written(tmp_path):
    with pytest.raises(DataError, match=r"a zip is read, not written: end the name in \.gz"):
        write_columns(tmp_path / "a.csv.zip", COLUMNS, "csv")
    assert list(tmp_path.iterdir()) == []
