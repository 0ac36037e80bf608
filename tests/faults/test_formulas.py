"""Tables for a spreadsheet: with --safe-csv no text is a formula, without it all is exact."""

import csv

import pytest

FORMULAS = ["=cmd()|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"]
HARMLESS = ["abcd", "a=1", " =1", "'=1", "1-1"]


def write_csv(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def read_csv(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@pytest.fixture
def table(runs, workplace):
    """Write a table whose header, strings and other column are formulas."""
    write_csv(workplace / "in.csv", [["text", "=note"], *([f, f] for f in FORMULAS + HARMLESS)])
    return workplace / "in.csv"


@pytest.mark.parametrize("ending", ["csv", "tsv"])
def test_predicted_table_holds_no_formula(cli, table, workplace, ending):
    assert cli("predict", "--file", table, "--output", f"out.{ending}", "--safe-csv").code == 0
    lines = (workplace / f"out.{ending}").read_text("utf-8")
    rows = read_csv(workplace / "out.csv") if ending == "csv" else None
    rows = rows or [line.split("\t") for line in lines.splitlines()]
    assert rows[0][:2] == ["text", "'=note"]
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r＝")]
    assert [row[0] for row in rows[-len(HARMLESS) :]] == HARMLESS


def test_predicted_table_is_exact_without_the_option(cli, table, workplace):
    assert cli("predict", "--file", table, "--output", "out.csv").code == 0
    assert [row[:2] for row in read_csv(workplace / "out.csv")] == read_csv(table)


def test_exported_table_holds_no_formula(cli, workplace):
    rows = [[f"{text}{n}", text] for text in FORMULAS for n in range(10)]
    write_csv(workplace / "in.csv", [["text", "label"], *rows])
    (workplace / "c.yaml").write_text("data: {file: {path: in.csv, strip: false}}")
    assert cli("data", "export", "c.yaml", "--output", "plain.csv").code == 0
    assert sorted(row[:2] for row in read_csv(workplace / "plain.csv")[1:]) == sorted(rows)
    assert cli("data", "export", "c.yaml", "--output", "safe.csv", "--safe-csv").code == 0
    safe = read_csv(workplace / "safe.csv")[1:]
    assert sorted(row[:2] for row in safe) == sorted([f"'{a}", f"'{b}"] for a, b in rows)


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_a_format_without_formulas_takes_no_such_option(cli, table, ending):
    code, out, err = cli("predict", "--file", table, "--output", f"out.{ending}", "--safe-csv")
    assert (code, out) == (1, "")
    assert err.endswith(f"--safe-csv goes with csv and tsv; {ending} has no formulas\n")


def test_a_table_on_a_terminal_is_not_obeyed(cli, runs, workplace, monkeypatch):
    write_csv(workplace / "in.csv", [["text"], ["\x1b[31mred"], ["\u202eleft"], ["你好"]])
    monkeypatch.setattr("_pytest.capture.CaptureIO.isatty", lambda _: True, raising=False)
    out = cli("predict", "--file", "in.csv").out
    assert "\\x1b[31mred," in out
    assert "\\u202eleft," in out
    assert "\n你好," in out
