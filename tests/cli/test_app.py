import subprocess
import sys

import pytest

import nlptrain

COMMANDS = [
    (),
    ("train",),
    ("resume",),
    ("replay",),
    ("predict",),
    ("evaluate",),
    ("verify",),
    ("explain",),
    ("compare-optimizers",),
    ("search",),
    ("runs",),
    ("runs", "show"),
    ("config",),
    ("config", "check"),
    ("config", "list"),
    ("config", "copy"),
    ("config", "schema"),
    ("config", "reference"),
    ("data",),
    ("data", "report"),
    ("data", "show"),
    ("data", "export"),
    ("data", "tasks"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_shows_an_example_of_the_command(cli, command):
    code, out, err = cli(*command, "--help")
    assert (code, err) == (0, "")
    example = " ".join(("    nlptrain", *command))
    assert any(line.startswith(example) for line in out.splitlines())
    assert all(len(line) <= 80 for line in out.splitlines())


@pytest.mark.parametrize("command", [(), ("train",), ("runs", "show")], ids=" ".join)
def test_h_is_help(cli, command):
    assert cli(*command, "-h") == cli(*command, "--help")


def test_help_lists_every_command_in_full(cli):
    out = cli("--help").out
    assert all(f"  {command[0]} " in out for command in COMMANDS if command)
    assert "..." not in out.partition("Commands:")[2]


def test_version(cli):
    assert cli("--version") == (0, f"nlptrain {nlptrain.__version__}\n", "")


def test_nothing_at_all_shows_the_help(cli):
    code, out, err = cli()
    assert code == 2
    assert "Commands:" in out + err


@pytest.mark.parametrize(
    "arguments",
    [
        ("fly",),
        ("train",),
        ("train", "rnn", "--fly"),
        ("predict",),
        ("predict", "abc", "--file", "x.csv"),
        ("predict", "abc", "--column", "x"),
        ("predict", "abc", "--output", "x.csv"),
        ("predict", "abc", "--top", "0"),
        ("predict", "--file", "x.csv", "--top", "2"),
        ("predict", "--file", "x.csv", "--json", "--output", "y.csv"),
        ("evaluate", "--split", "dev"),
        ("evaluate", "--text", "x"),
        ("runs", "fly"),
        ("config", "fly"),
        ("config", "copy"),
        ("compare-optimizers", "--seeds", "0"),
        ("compare-optimizers", "--jobs", "two"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2_with_a_message(cli, arguments):
    code, out, err = cli(*arguments)
    assert (code, out) == (2, "")
    # Which words and where they stand is the parser's; the command is ours.
    assert "nlptrain" in err


def test_module_is_the_command(tmp_path):
    command = [sys.executable, "-m", "nlptrain", "runs"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert ended.stdout == ""
    assert ended.stderr == "runs: no runs yet; train one: nlptrain train rnn\n"


def test_bug_keeps_its_traceback(cli, monkeypatch):
    def trip(*_args, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr("nlptrain.runs.search.list_runs", trip)
    with pytest.raises(ZeroDivisionError):
        cli("runs")


@pytest.mark.parametrize("lack", [MemoryError(), RuntimeError("can't allocate memory: 8 bytes")])
def test_lack_of_memory_is_one_message(cli, monkeypatch, lack):
    def run_out(*_args, **_options):
        raise lack

    monkeypatch.setattr("nlptrain.runs.search.list_runs", run_out)
    code, out, err = cli("runs")
    assert (code, out) == (1, "")
    assert err.startswith("not enough memory: ")
    assert err.count("\n") == 1 + err.count("\n ")


def test_other_runtime_errors_are_bugs(cli, monkeypatch):
    def trip(*_args, **_options):
        raise RuntimeError("no memory is lacking")

    monkeypatch.setattr("nlptrain.runs.search.list_runs", trip)
    with pytest.raises(RuntimeError):
        cli("runs")
