"""Every command that reads the user's table, on every format, with what people's files are like."""

import json
import zipfile

import polars as pl
import pytest

from spreadsheets import write_spreadsheet

TEXTS = ["abc", "Müller 1 café", "bcd", "Straße", "jjj", "xyz", "cde", "naïve", "ab", "jj"]
LABELS = ["present", "absent"] * 5
COMMANDS = {
    "train": ("data", "show", "own_file", "--set", "data.file.label=label"),
    "predict": ("predict", "--run", "rnn-001", "--output", "out.csv"),
    "evaluate": ("evaluate", "rnn-001"),
}
TEXT_FORMATS = ("csv", "tsv", "jsonl", "json")
FORMATS = (*TEXT_FORMATS, "parquet", "parq", "xlsx", "ods", "zip")


def write_table(path, encoding="utf-8", line_end="\n"):
    """Write the strings and labels in the format of a path's ending."""
    rows = list(zip(TEXTS, LABELS, strict=True))
    objects = [{"text": text, "label": label} for text, label in rows]
    kind = path.suffix[1:]
    if kind in ("parquet", "parq"):
        pl.DataFrame(objects).write_parquet(path)
    elif kind in ("xlsx", "ods"):
        write_spreadsheet(path, {"Data": [["text", "label"], *rows]})
    elif kind == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(
                "t.csv", "text,label\n" + "".join(f"{t},{label}\n" for t, label in rows)
            )
    else:
        path.write_bytes(spell(kind, objects, line_end).encode(encoding))
    return path


def spell(kind, objects, line_end):
    """Write objects as text."""
    if kind in ("csv", "tsv"):
        mark = "," if kind == "csv" else "\t"
        lines = [mark.join(["text", "label"]), *(mark.join(row.values()) for row in objects)]
    else:
        lines = [json.dumps(row, ensure_ascii=False) for row in objects]
    if kind == "json":
        return f"[{f',{line_end}'.join(lines)}]{line_end}"
    return line_end.join([*lines, ""])


@pytest.fixture
def read(cli, runs, workplace):
    """Let a command read a table, with the options that are said in its own way."""

    def run(command, path, **options):
        arguments = [*COMMANDS[command]]
        if command == "train":
            arguments += ["--set", f"data.file.path={path}"]
            for name, value in options.items():
                arguments += ["--set", f"data.file.{name}={value}"]
        else:
            arguments += ["--file", path]
            for name, value in options.items():
                arguments += [f"--{name.replace('_', '-')}", value]
        result = cli(*arguments)
        if command == "predict" and result.code == 0:
            return result._replace(out=(workplace / "out.csv").read_text())
        return result

    return run


@pytest.mark.crossed
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_reads_every_format(read, workplace, command, kind):
    plain = read(command, write_table(workplace / "plain.csv"))
    found = read(command, write_table(workplace / f"t.{kind}"))
    assert (found.code, found.out) == (0, plain.out)


@pytest.mark.crossed
@pytest.mark.parametrize("kind", TEXT_FORMATS)
@pytest.mark.parametrize("command", COMMANDS)
def test_lines_that_end_with_carriage_returns_are_lines(read, workplace, command, kind):
    plain = read(command, write_table(workplace / "plain.csv"))
    found = read(command, write_table(workplace / f"t.{kind}", line_end="\r"))
    assert (found.code, found.out) == (0, plain.out)


@pytest.mark.crossed
@pytest.mark.parametrize("kind", TEXT_FORMATS)
@pytest.mark.parametrize("command", COMMANDS)
def test_other_encoding_is_named_once_and_read_when_said(read, workplace, command, kind):
    plain = read(command, write_table(workplace / "plain.csv"))
    path = write_table(workplace / f"t.{kind}", encoding="cp1252")
    code, _, err = read(command, path)
    assert code == 1
    assert err.count("the file is probably in cp1252, which reads 'Müller', 'café', 'Straße'") == 1
    assert "--encoding cp1252, or data.file.encoding: cp1252" in err
    assert err.count("not valid utf-8") == 1
    assert "skip" not in err
    found = read(command, path, encoding="cp1252")
    assert (found.code, found.out) == (0, plain.out)


@pytest.mark.crossed
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("kind", TEXT_FORMATS)
@pytest.mark.parametrize("command", COMMANDS)
def test_utf16_is_named_with_a_mark_and_without(read, workplace, command, kind, encoding):
    plain = read(command, write_table(workplace / "plain.csv"))
    path = write_table(workplace / f"t.{kind}", encoding=encoding)
    code, _, err = read(command, path)
    assert code == 1
    assert f"looks like {encoding}, not utf-8; name its encoding: --encoding {encoding}" in err
    found = read(command, path, encoding=encoding)
    assert (found.code, found.out) == (0, plain.out)


@pytest.mark.parametrize("command", COMMANDS)
def test_sheet_is_named(read, workplace, command):
    rows = [["text", "label"], *zip(TEXTS, LABELS, strict=True)]
    write_spreadsheet(workplace / "two.xlsx", {"Notes": [["x"]], "Data": rows})
    plain = read(command, write_table(workplace / "plain.csv"))
    code, _, err = read(command, workplace / "two.xlsx")
    assert code == 1
    assert (
        "2 sheets, 'Notes', 'Data'; name one: --sheet 'Notes', or data.file.sheet: 'Notes'" in err
    )
    found = read(command, workplace / "two.xlsx", sheet="Data")
    assert (found.code, found.out) == (0, plain.out)


FAR = pl.DataFrame(
    {
        "text": ["abc", "bcd"],
        "day": pl.Series([2**31 - 1, -(2**31)], dtype=pl.Int32).cast(pl.Date),
        "moment": pl.Series([10**18, -(2**63) + 1]).cast(pl.Datetime("us")),
        "zoned": pl.Series([9 * 10**18, 0]).cast(pl.Datetime("ms", "Europe/Berlin")),
        "span": pl.Series([4611686018427387904, 1500]).cast(pl.Duration("us")),
        "single": pl.Series([0.1, None], dtype=pl.Float32),
        "nested": pl.Series([[{"at": 10**18}], []]).cast(
            pl.List(pl.Struct({"at": pl.Datetime("us")}))
        ),
    }
)
"""What Python's own dates cannot hold, beside the strings."""
FAR_TEXTS = {
    "day": ["+5881580-07-11", "-5877641-06-23"],
    "moment": ["+33658-09-27T01:46:40", "-290308-12-21T19:59:05.224193"],
    "zoned": ["+285200616-07-24T16:00:00+00:00", "1970-01-01T00:00:00+00:00"],
    "span": ["P53375995DT14H27.387904S", "PT0.0015S"],
    "single": [0.1, None],
    "nested": [[{"at": "+33658-09-27T01:46:40"}], []],
}


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "parquet"])
def test_carried_columns_come_out_whatever_they_hold(cli, runs, workplace, kind):
    FAR.write_parquet(workplace / "far.parquet")
    out = workplace / f"out.{kind}"
    found = cli("predict", "--run", "rnn-001", "--file", "far.parquet", "--output", out)
    assert (found.code, found.err) == (0, f"{out}: rows: 2\n")
    if kind == "parquet":
        assert pl.read_parquet(out).drop("predicted_label", "predicted_probability").equals(FAR)
    elif kind == "jsonl":
        rows = [json.loads(line) for line in out.read_text().splitlines()]
        assert {name: [row[name] for row in rows] for name in FAR_TEXTS} == FAR_TEXTS
    else:
        text = pl.read_csv(out, separator="," if kind == "csv" else "\t", infer_schema=False)
        for name in ("day", "moment", "zoned", "span"):
            assert text[name].to_list() == FAR_TEXTS[name]
        assert text["single"].to_list() == ["0.1", None]


@pytest.mark.parametrize("command", COMMANDS)
def test_columns_that_are_not_used_are_no_reason_to_refuse_a_table(read, workplace, command):
    plain = pl.DataFrame({"text": TEXTS, "label": LABELS})
    columns = [FAR[name].gather([0] * len(TEXTS)) for name in FAR_TEXTS]
    path = workplace / "far.parquet"
    pl.DataFrame([*plain.get_columns(), *columns]).write_parquet(path)
    assert read(command, path).code == 0


@pytest.mark.crossed
@pytest.mark.parametrize("kind", ["jsonl", "json"])
@pytest.mark.parametrize("command", COMMANDS)
def test_key_that_stands_twice_is_named_and_its_row_kept_whole(read, workplace, command, kind):
    path = write_table(workplace / f"t.{kind}")
    twice = '{"text": "abc", "text": "xyz", "label": "present"}'
    path.write_text(path.read_text().replace('{"text": "abc", "label": "present"}', twice))
    code, _, err = read(command, path)
    assert code == 1
    assert f"{path.name}:1: the key 'text' stands in it 2 times; keep one" in err
    if command == "predict":
        assert '""abc"", ""text"": ""xyz""' in (workplace / "out.csv").read_text()
