"""Strings and labels that a terminal would obey: every command shows them, none lets them through.

Files hold them exactly; pages hold them escaped.
"""

import csv
import json
import re

import pytest

import nlptrain

HOSTILE = [
    "\x1b[31mred",
    "bell\x07",
    "car\rriage",
    "\u202eright to left",
    "\u009b2J",
    "[bold]markup[/]",
    "[/] [red]",
    "<script>alert(1)</script>",
    "=cmd()",
    "$\\frac{",
    "two\nlines",
    "\u2028line",
    "del\x7f",
    "zero\u200bwidth",
]
"""Each is a label, and each string begins with one."""

NAME = "\x1b[31mevil[bold].csv"
SETTINGS = (
    "engine=numpy",
    "training.epochs=1",
    "training.batch_size=16",
    "model.embedding.dim=2",
    "model.encoder.type=pooling",
    "model.readout=mean",
    "training.calibration=temperature",
    "text.min_count=1",
    "data.file.strip=false",
    "data.file.min_examples=1",
    "data.file.bad_rows=skip",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Write a hostile table and config, and train on them: the folder."""
    folder = tmp_path_factory.mktemp("hostile")
    with (folder / NAME).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text", "label"])
        rows.writerows([f"{label} {n}", label] for label in HOSTILE for n in range(12))
        rows.writerows([[f"{HOSTILE[0]} {n}", HOSTILE[1]] for n in range(3)])
        file.write('"open\x1b[31m\n')
    path = json.dumps(str(folder / NAME))
    (folder / "evil.yaml").write_text(f"data: {{file: {{path: {path}}}}}\n", encoding="utf-8")
    nlptrain.train(folder / "evil.yaml", overrides=SETTINGS, runs_dir=folder / "runs")
    (folder / "runs" / "evil-001").rename(folder / "runs" / "\x1b[31mevil[red]-001")
    return folder


@pytest.fixture
def run_in(place, cli, monkeypatch):
    """Run a command in that folder."""

    def run(*arguments, **options):
        monkeypatch.chdir(place)
        return cli(*arguments, **options)

    return run


def assert_harmless(text):
    """Refuse control characters, foreign line ends and changes of direction."""
    obeyed = set(re.findall("[^\n\t\x20-\x7e\xa0-\u2027\u202f-\u2065\u206a-\U0010ffff]", text))
    assert not obeyed, [line for line in text.split("\n") if obeyed & set(line)][:3]


SET = [argument for setting in SETTINGS for argument in ("--set", setting)]
RUN = "runs/\x1b[31mevil[red]-001"
COMMANDS = {
    "predict": ["predict", *HOSTILE],
    "predict top": ["predict", *HOSTILE, "--top", "20"],
    "predict json": ["predict", *HOSTILE, "--json"],
    "predict stdin": ["predict", "-"],
    "explain": ["explain", "".join(HOSTILE), "--full"],
    "explain json": ["explain", "".join(HOSTILE), "--json"],
    "evaluate": ["evaluate"],
    "evaluate json": ["evaluate", "--json"],
    "evaluate file": ["evaluate", RUN, "--file", NAME],
    "runs": ["runs"],
    "runs json": ["runs", "--json"],
    "runs show": ["runs", "show"],
    "runs show json": ["runs", "show", "--json"],
    "data show": ["data", "show", "evil.yaml", *SET],
    "data report": ["data", "report", "evil.yaml", *SET],
    "data report json": ["data", "report", "evil.yaml", "--json", *SET],
    "data export": ["data", "export", "evil.yaml", "--output", "\x1b[1m.csv", *SET],
    "data conflicts": ["data", "show", "evil.yaml", *SET, "--set", "data.file.conflicts=error"],
    "bad rows": ["data", "show", "evil.yaml", *SET, "--set", "data.file.bad_rows=error"],
    "train": ["train", "evil.yaml", *SET, "--runs-dir", "\x1b[31mruns"],
    "dry run": ["train", "evil.yaml", *SET, "--dry-run"],
    "verify": ["verify", "evil.yaml", *SET, "--set", "model.loss=\x1b[31m"],
    "config check": ["config", "check", "evil.yaml", "--set", "name=\x1b[31m\u202e"],
    "no such file": ["config", "check", "\x1b[31m.yaml"],
    "no such run": ["predict", "a", "--run", "\x1b[31mno"],
    "no such table": ["predict", "--run", RUN, "--file", "\x1b[31m.csv"],
    "no such column": ["predict", "--run", RUN, "--file", NAME, "--column", "\x1b[31m"],
    "no such format": ["predict", "--run", RUN, "--file", NAME, "--output", "x.\x1b[31m"],
    "compare": ["compare", "evil.yaml", *SET, "--vary", "data.file.label=\x1b[31m,x"],
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_no_command_lets_a_control_character_through(run_in, command):
    stdin = "\n".join(HOSTILE).encode()
    code, out, err = run_in(*command, stdin=stdin)
    assert code in (0, 1)
    assert_harmless(out)
    assert_harmless(err)
    assert out or err
