"""A table whose columns are not called as the config or the network says: own_file and the rest."""

import itertools
import shlex

import pytest

LABELS = ["present", "absent", "absent"]
TEXTS = [f"abc{chr(97 + n)}" for n in range(26)]


@pytest.fixture
def table(workplace):
    """Write a table: the values of some columns, by name."""

    def write(**columns):
        path = workplace / "mine.csv"
        rows = zip(*columns.values(), strict=True)
        lines = [",".join(columns), *map(",".join, rows)]
        path.write_text("\n".join(lines) + "\n")
        return path

    return write


def kinds(number):
    return [LABELS[n % 3] for n in range(number)]


def show(cli, *settings):
    arguments = [part for setting in settings for part in ("--set", setting)]
    return cli("data", "show", "own_file", "--set", "data.file.path=mine.csv", *arguments)


TAKEN = {
    "text and label": {"text": TEXTS, "label": kinds(26)},
    "text and label among others": {"n": TEXTS[::-1], "label": kinds(26), "text": TEXTS},
    "in another case": {"Label": kinds(26), "TEXT": TEXTS, "id": TEXTS},
    "the label has another name": {"text": TEXTS, "language": kinds(26)},
    "the text has another name": {"label": kinds(26), "name": TEXTS},
    "both have other names": {"name": TEXTS, "language": kinds(26)},
    "the other way round": {"language": kinds(26), "name": TEXTS},
}


@pytest.mark.parametrize("columns", TAKEN.values(), ids=TAKEN)
def test_own_file_works_and_says_which_columns_it_took(cli, table, columns):
    table(**columns)
    code, out, err = show(cli)
    assert code == 0
    assert out.count("absent") == 3
    label = next(name for name in columns if name.lower() in ("label", "language"))
    text = next(name for name in columns if name.lower() in ("text", "name"))
    assert f"took {text!r} for the strings and {label!r} for the labels\n" in err


def test_a_file_sorted_by_its_labels_is_read_on_until_there_are_two(cli, table):
    texts = ["".join(letters) for letters in itertools.product("abcdefghijklm", repeat=3)]
    half = len(texts) // 2
    table(name=texts, language=["absent"] * half + ["present"] * (len(texts) - half))
    code, _, err = show(cli)
    assert code == 0
    assert "took 'name' for the strings and 'language' for the labels\n" in err


def test_a_column_of_one_value_is_not_taken_for_strings(cli, table):
    table(name=TEXTS, language=["absent"] * 26)
    code, out, err = show(cli)
    assert (code, out) == (1, "")
    assert "no column 'text'; there is 'name', 'language'" in err


def test_three_columns_of_other_names_end_in_the_command_to_type(cli, table):
    table(id=[f"{n}" for n in range(26)], name=TEXTS, language=kinds(26))
    code, out, err = show(cli)
    assert (code, out) == (1, "")
    assert "no column 'text'; there is 'id', 'name', 'language'" in err
    command = shlex.split(err.partition("if these are the two: ")[2])
    assert command[:3] == ["nlptrain", "train", "own_file"]
    settings = command[4::2]
    assert settings[1:] == ["data.file.text=name", "data.file.label=language"]
    assert show(cli, *settings).code == 0


def test_column_that_the_config_names_is_not_replaced(cli, table):
    table(text=TEXTS, label=kinds(26))
    code, _, err = show(cli, "data.file.label=nation")
    assert code == 1
    assert "no column 'nation'; there is 'text', 'label'" in err
    assert "--set data.file.text=text --set data.file.label=label" in err


def test_misspelt_column_is_not_passed_over(cli, table):
    table(text=TEXTS, kinds=kinds(26))
    code, _, err = show(cli)
    assert code == 1
    assert "no column 'kind'; there is 'text', 'kinds'; did you mean 'kinds'?" in err


def test_table_without_column_names_is_recognized(cli, table, workplace):
    table(text=TEXTS, label=kinds(26))
    lines = (workplace / "mine.csv").read_text().splitlines()[1:]
    (workplace / "mine.csv").write_text("\n".join(lines) + "\n")
    code, _, err = show(cli)
    assert code == 1
    assert "its first row seems to be no names" in err
    settings = shlex.split(err.partition("if these are the two: ")[2])[4::2]
    assert settings[1:] == ["data.file.text=0", "data.file.label=1"]
    assert show(cli, *settings).code == 0


@pytest.mark.parametrize("columns", list(TAKEN.values())[:5], ids=list(TAKEN)[:5])
@pytest.mark.parametrize("command", ["evaluate", "predict"])
def test_other_commands_take_them_too(cli, runs, table, command, columns):
    table(**columns)
    run = ["rnn-001"] if command == "evaluate" else ["--run", "rnn-001"]
    code, _, err = cli(command, *run, "--file", "mine.csv")
    assert code == 0
    named = {"text", "label"} if command == "evaluate" else {"text"}
    assert ("took " in err) == (not named <= columns.keys())


def test_evaluate_ends_in_the_options_to_add(cli, runs, table):
    table(id=[f"{n}" for n in range(26)], name=TEXTS, language=kinds(26))
    arguments = ("evaluate", "rnn-001", "--file", "mine.csv")
    code, _, err = cli(*arguments)
    assert code == 1
    assert "if these are the two: add --text name --label language" in err
    assert cli(*arguments, *shlex.split(err.partition("two: add ")[2])).code == 0


def test_command_repeats_how_the_table_is_read(cli, table, workplace):
    path = table(id=TEXTS, name=["é"] * 13 + ["ü"] * 13, language=kinds(26))
    path.write_bytes(path.read_text().replace(",", ";").encode("cp1252"))
    _, _, err = show(cli, "data.file.encoding=cp1252", "data.file.delimiter=;")
    settings = shlex.split(err.partition("if these are the two: ")[2])[4::2]
    assert settings[1:3] == ["data.file.delimiter=;", "data.file.encoding=cp1252"]
    assert show(cli, *settings).code == 0


def test_column_that_was_named_on_the_command_line_is_not_replaced(cli, runs, table):
    table(text=TEXTS, label=kinds(26))
    assert "no column 'name'" in cli("evaluate", "--file", "mine.csv", "--text", "name").err
    assert "no column 'name'" in cli("predict", "--file", "mine.csv", "--column", "name").err


def test_model_remembers_the_columns_that_were_taken(cli, table):
    table(Name=TEXTS, Kind=kinds(26))
    small = ("data.file.path=mine.csv", "data.file.min_examples=1", "training.steps=1")
    settings = [word for setting in small for word in ("--set", setting)]
    assert cli("train", "own_file", "-q", "--set", "data.file.label=Kind", *settings).code == 0
    code, _, err = cli("predict", "--file", "mine.csv")
    assert code == 0
    assert "took" not in err
