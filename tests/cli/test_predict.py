import csv
import io
import json

import polars as pl
import pytest

from nlptrain.inference.model import load

STRINGS = ["abcd", "", "bcde", 'a,"b', "jjj", "xé"]


@pytest.fixture
def expected(runs):
    """Predict the strings in Python."""
    return load("rnn-001", runs_dir=runs).predict(STRINGS)


@pytest.fixture
def write(workplace):
    """Write the strings to a file in the format of its ending, beside a column of numbers."""

    def write_file(name, column="text"):
        table = pl.DataFrame({"id": range(len(STRINGS)), column: STRINGS})
        path = workplace / name
        match path.suffix:
            case ".csv":
                table.write_csv(path)
            case ".tsv":
                table.write_csv(path, separator="\t", quote_style="never")
            case ".jsonl":
                table.write_ndjson(path)
            case ".parquet":
                table.write_parquet(path)
            case ".txt":
                path.write_text("".join(f"{text}\n" for text in STRINGS), "utf-8")
        return name

    return write_file


def test_line_a_string_with_text_label_and_probability(cli, expected):
    code, out, err = cli("predict", *STRINGS, "--run", "rnn-001")
    assert code == 0
    assert out.splitlines() == [f"{p.text}\t{p.label}\t{p.probability:.6g}" for p in expected]
    assert err == "characters that training did not know, read as [unk]: 4\n"


def test_newest_finished_run_is_named_off_standard_output(cli, runs):
    _, out, err = cli("predict", "abcd")
    assert err == "run: runs/rnn-001\n"
    assert out.count("\n") == 1


@pytest.mark.parametrize("run", ["rnn-001", "runs/rnn-001", "runs/rnn-001/model.safetensors"])
def test_run_that_was_named_is_not_named_again(cli, runs, run):
    assert cli("predict", "abcd", "--run", run).err == ""


def test_config_name_says_which_run_it_stands_for(cli, runs):
    assert cli("predict", "abcd", "--run", "rnn").err == "run: runs/rnn-001\n"


def test_json_has_an_object_a_line(cli, expected):
    lines = cli("predict", *STRINGS, "--json").out.splitlines()
    for line, prediction in zip(lines, expected, strict=True):
        values = json.loads(line)
        assert list(values) == ["text", "label", "probability", "probabilities"]
        assert (values["text"], values["label"]) == (prediction.text, prediction.label)
        assert values["probabilities"] == pytest.approx(prediction.probabilities, rel=1e-5)


def test_top_shows_the_likeliest_classes_in_order(cli, runs):
    fields = cli("predict", "abcd", "--top", "2").out.split()
    assert {fields[1], fields[3]} == {"absent", "present"}
    assert float(fields[2]) >= float(fields[4])


def test_standard_input_has_a_string_a_line(cli, expected):
    stdin = "".join(f"{text}\n" for text in STRINGS).encode()
    assert cli("predict", "-", stdin=stdin).out == cli("predict", *STRINGS).out


def test_standard_input_in_another_encoding(cli, runs):
    assert cli("predict", "-", "--encoding", "latin-1", stdin=b"\xe9\n").out.startswith("é\t")


def test_bad_line_of_standard_input_is_counted_and_exits_1(cli, runs):
    code, out, err = cli("predict", "-", "--json", stdin=b"abcd\n\xff\nbcde\n")
    assert code == 1
    assert [json.loads(line)["label"] is None for line in out.splitlines()] == [False, True, False]
    assert "standard input:2: bytes that are not valid utf-8" in err
    assert "bad rows, left without a prediction: 1 of 3" in err


def read_output(path):
    match path.suffix:
        case ".csv":
            return pl.read_csv(path)
        case ".tsv":
            return pl.read_csv(path, separator="\t", quote_char=None)
        case ".jsonl":
            return pl.read_ndjson(path)
    return pl.read_parquet(path)


@pytest.mark.parametrize("source", ["in.csv", "in.tsv", "in.jsonl", "in.parquet", "in.txt"])
@pytest.mark.parametrize("target", ["out.csv", "out.tsv", "out.jsonl", "out.parquet"])
def test_file_of_every_format_goes_into_every_format(
    cli, workplace, write, expected, source, target
):
    code, out, err = cli("predict", "--file", write(source), "--output", target)
    table = read_output(workplace / target)
    assert (code, out) == (0, "")
    assert f"{target}: rows: {len(STRINGS)}\n" in err
    assert table.columns[-3:] == ["text", "predicted_label", "predicted_probability"]
    assert [text or "" for text in table["text"]] == STRINGS
    assert table["predicted_label"].to_list() == [each.label for each in expected]
    assert table["predicted_probability"].to_list() == pytest.approx(
        [each.probability for each in expected], rel=1e-5
    )


def test_file_without_output_goes_to_standard_output_as_csv(cli, write, expected):
    out = cli("predict", "--file", write("in.csv")).out
    rows = list(csv.reader(io.StringIO(out)))
    assert rows[0] == ["id", "text", "predicted_label", "predicted_probability"]
    assert [row[1:3] for row in rows[1:]] == [[each.text, each.label] for each in expected]


def test_file_as_json_lines_on_standard_output(cli, write, expected):
    lines = cli("predict", "--file", write("in.csv"), "--json").out.splitlines()
    assert [json.loads(line)["predicted_label"] for line in lines] == [p.label for p in expected]


def test_table_on_standard_input(cli, expected):
    stdin = b"id;word\n1;abcd\n"
    arguments = ("--file", "-", "--column", "word", "--delimiter", ";")
    assert cli("predict", *arguments, stdin=stdin).out.startswith("id,word,predicted_label")
    plain = cli("predict", "--file", "-", stdin=b"abcd\n").out
    assert plain.splitlines()[1].startswith(f"abcd,{expected[0].label},")


def test_column_is_named_or_numbered(cli, write, expected):
    by_name = cli("predict", "--file", write("in.csv", "word"), "--column", "word").out
    assert by_name.splitlines()[1].startswith(f"0,abcd,{expected[0].label},")
    by_number = cli("predict", "--file", "in.csv", "--column", "1").out
    assert by_number.splitlines()[:1] == ["0,1,predicted_label,predicted_probability"]
    assert len(by_number.splitlines()) == len(STRINGS) + 2


def test_only_column_needs_no_name(cli, workplace, runs):
    (workplace / "words.csv").write_text("word\nabcd\n")
    assert cli("predict", "--file", "words.csv").out.startswith("word,predicted_label")


@pytest.mark.parametrize("content", ["id,word\n1,abcd\n", "id;text\n1;abcd\n"])
def test_column_that_is_not_there_is_not_guessed(cli, workplace, runs, content):
    (workplace / "words.csv").write_text(content)
    code, out, err = cli("predict", "--file", "words.csv")
    assert (code, out) == (1, "")
    assert "words.csv: no column 'text'; " in err
    assert "--column NAME" in err


def test_network_of_numbered_columns_reads_every_format(cli, workplace, write, tiny):
    rows = "".join(f"{text},{label}\n" for text, label in zip("abcdefgh", "xy" * 4, strict=True))
    (workplace / "numbered.csv").write_text(rows)
    settings = ("path=numbered.csv", "text=0", "label=1")
    arguments = [part for setting in settings for part in ("--set", f"data.file.{setting}")]
    assert cli("train", "own_file", *arguments, "--set", "training.steps=1").code == 0
    for name in ("in.txt", "in.csv"):
        assert cli("predict", "--file", write(name)).code == 0
    assert cli("predict", "--file", write("in.jsonl"), "--column", "text").code == 0


def test_bad_rows_stay_empty_and_counted_and_exit_1(cli, workplace, runs):
    (workplace / "words.csv").write_bytes(b"id,text\n1,abcd\n2,\xff\n3,a,b\n4,bcde\n")
    code, _, err = cli("predict", "--file", "words.csv", "--output", "out.csv")
    rows = (workplace / "out.csv").read_bytes().splitlines()
    assert code == 1
    assert [row.endswith(b",,") for row in rows[1:]] == [False, True, True, False]
    assert "words.csv:3: bytes that are not valid utf-8" in err
    assert "words.csv:4: 3 fields instead of 2" in err
    assert "bad rows, left without a prediction: 2 of 4" in err


def test_output_may_be_the_input(cli, workplace, write, expected):
    write("in.csv")
    assert cli("predict", "--file", "in.csv", "--output", "in.csv").code == 0
    assert read_output(workplace / "in.csv")["predicted_label"].len() == len(STRINGS)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--file", "none.csv"), "none.csv: No such file or directory"),
        (("--file", "in.xls"), "in.xls: the ending '.xls' tells no format"),
        (("--file", "in.csv", "--output", "out.xlsx"), "out.xlsx: excel is read, not written"),
        (("--file", "in.csv", "--output", "no/out.csv"), "no/out.csv: the folder "),
        (("--file", "in.csv", "--column", "word"), "in.csv: no column 'word'; there is 'id', 'te"),
        (("--file", "in.csv", "--column", "7"), "in.csv: no column 7; there are 2"),
        (("--file", "in.csv", "--delimiter", "xx"), "in.csv: 'xx' cannot separate columns"),
        (("--file", "in.csv", "--encoding", "klingon"), "unknown encoding 'klingon'"),
        (("-", "--encoding", "klingon"), "unknown encoding 'klingon'"),
        (("abcd", "--run", "zebra"), "zebra: no such run in runs; existing runs: rnn-001"),
        (("abcd", "--run", "runs"), "runs: no such run in runs; existing runs: rnn-001"),
        (("abcd", "--runs-dir", "none"), "none: no finished run; train one first: nlptrain"),
    ],
)
def test_mistake_is_one_message(cli, runs, write, arguments, problem):
    write("in.csv")
    code, out, err = cli("predict", *arguments)
    assert (code, out) == (1, "")
    assert problem in err
    assert err.removeprefix("run: runs/rnn-001\n").count("\n") == 1


def test_terminal_gets_an_aligned_table(cli, expected, monkeypatch):
    monkeypatch.setattr("_pytest.capture.CaptureIO.isatty", lambda _: True, raising=False)
    lines = cli("predict", *STRINGS).out.splitlines()
    assert "\t" not in "".join(lines)
    starts = {line.index(each.label, 5) for line, each in zip(lines, expected, strict=True)}
    assert len(starts) == 1
