"""What the Tab key offers, as each shell asks for it."""

import json
import os
import subprocess
import sys

import pytest

from nlptrain.cli import completion
from nlptrain.cli.completion import complete_setting
from nlptrain.config.optimizer import list_optimizers

FORBIDDEN = ("torch", "matplotlib", "tensorboard", "polars")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def ask(shell, words, folder):
    """Ask as a shell's script does; each offer is its first field of a line."""
    parts = words.split(" ")
    if shell == "bash":  # it takes key=value for three words, and joins words by line feeds
        parts = [part for word in parts for part in word.replace("=", " = ").split(" ")]
        while len(parts) > 1 and parts[-1] == "" and parts[-2] == "=":
            parts.pop()
    environment = os.environ | {
        "_NLPTRAIN_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": words,
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": "\n".join(parts),
        "COMP_CWORD": str(len(parts) - 1),
    }
    program = (
        "import sys; from nlptrain.cli.app import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"sys.stderr.write(' '.join(set({FORBIDDEN!r}) & sys.modules.keys()))"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(
        command, check=True, env=environment, cwd=folder, capture_output=True, text=True
    )
    assert done.stderr == ""  # no error, and nothing heavy imported
    lines = done.stdout.replace("_arguments '*: :((", "").replace("))'", "").splitlines()
    return [line.split("\t")[0].partition('":"')[0].strip('"') for line in lines if line]


@pytest.mark.parametrize(
    "shell",
    ["bash", *(pytest.param(each, marks=pytest.mark.long) for each in ("zsh", "fish"))],
)
def test_every_shell_completes_settings_and_their_values(shell, tmp_path):
    line = "nlptrain train rnn --set training.best_by="
    values = ["accuracy", "macro_f1", "loss"]
    whole = [f"training.best_by={value}" for value in values]
    expected = whole if shell == "bash" else ["training.best_by="]
    assert ask(shell, "nlptrain train rnn --set training.best", tmp_path) == expected
    assert ask(shell, line, tmp_path) == (values if shell == "bash" else whole)
    start = "" if shell == "bash" else "training.best_by="
    assert ask(shell, f"{line}m", tmp_path) == [f"{start}macro_f1"]


def test_bash_puts_no_space_behind_the_equals_sign(tmp_path):
    """It would behind a single offer."""
    expected = ["training.batch_size=", "training.batch_size=…"]
    assert ask("bash", "nlptrain train rnn --set training.batch_s", tmp_path) == expected
    assert ask("bash", "nlptrain train rnn --set seed --qui", tmp_path) == ["--quiet"]


def test_report_is_completed_beside_configs_to_compare(tmp_path):
    assert ask("zsh", "nlptrain compare re", tmp_path)[0] == "report"
    assert "report" not in ask("zsh", "nlptrain train re", tmp_path)


def test_second_value_of_vary_is_completed(tmp_path):
    line = "nlptrain compare rnn --vary model.encoder.cell=gru,ls"
    assert ask("zsh", line, tmp_path) == ["model.encoder.cell=gru,lstm"]
    assert ask("bash", line, tmp_path) == ["gru,lstm"]


def test_configs_are_packaged_ones_and_yaml_files(tmp_path):
    (tmp_path / "run.yaml").touch()
    (tmp_path / "run.txt").touch()
    (tmp_path / "runes").mkdir()
    (tmp_path / "runes" / "own.yml").touch()
    assert ask("zsh", "nlptrain train rn", tmp_path) == ["rnn"]
    assert ask("zsh", "nlptrain train run", tmp_path) == ["run.yaml", "runes/"]
    assert ask("zsh", "nlptrain train runes/", tmp_path) == ["runes/own.yml"]
    assert ask("bash", "nlptrain train nowhere/", tmp_path) == []


@pytest.mark.long
@pytest.mark.parametrize(
    "command", ["evaluate", "replay", "resume", "runs show", "explain ab --run"]
)
def test_runs_come_newest_first(tmp_path, command):
    for number, name in enumerate(("rnn-002", "rnn-001", "cnn-001")):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        record = {
            "format_version": 1,
            "name": name[:3],
            "status": "finished",
            "command": "",
            "started": "2026-01-01T00:00:00+00:00",
            "seed": 0,
            "encoder": "rnn",
            "optimizer": "adam",
            "data_fingerprint": "",
            "versions": {},
            "score": number / 10,
        }
        (folder / "run.json").write_text(json.dumps(record))
        os.utime(folder / "run.json", (number, number))
    assert ask("fish", f"nlptrain {command} ", tmp_path) == ["cnn-001", "rnn-001", "rnn-002"]
    assert ask("fish", f"nlptrain {command} rnn", tmp_path) == ["rnn-001", "rnn-002"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nlptrain predict --file in.csv --column te", ["text"]),
        ("nlptrain evaluate --file in.csv --label la", ["label"]),
        ("nlptrain predict --file none.csv --column te", []),
        ("nlptrain predict --column te", []),
        ("nlptrain compare-encoders --task parit", ["parity"]),
    ],
)
def test_names_are_completed(tmp_path, words, expected):
    (tmp_path / "in.csv").write_text("text,label\na,b\n")
    assert ask("bash", words, tmp_path) == expected


def test_optimizers_are_all_there_are(tmp_path):
    found = ask("zsh", "nlptrain compare-optimizers --optimizer ", tmp_path)
    assert sorted(found) == sorted(list_optimizers())


def test_cache_spares_reading_the_sections(monkeypatch, cache):
    offers = complete_setting("model.")
    assert len(list((cache / "nlptrain").iterdir())) == 1
    monkeypatch.setattr("nlptrain.config.fields.all_settings", lambda: pytest.fail("read again"))
    assert complete_setting("model.") == offers
    assert ("model.readout=last", "") in complete_setting("model.readout=")


def test_damaged_cache_and_a_folder_that_cannot_be_written_do_no_harm(monkeypatch, cache, tmp_path):
    offers = complete_setting("seed")
    next((cache / "nlptrain").iterdir()).write_text("{")
    assert complete_setting("seed") == offers
    (tmp_path / "file").touch()
    monkeypatch.setattr(completion, "_cache_file", lambda: tmp_path / "file" / "settings.json")
    assert complete_setting("seed") == offers
