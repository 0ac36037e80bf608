"""Strings and labels that a terminal would obey: every command shows them, none lets them through.

Files hold them exactly; pages hold them escaped.
"""

import csv
import json
import re
from html.parser import HTMLParser

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
    "runs show card": ["runs", "show", "--card"],
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


def test_markup_is_shown_as_it_stands(run_in):
    out = run_in("evaluate").out
    for label in HOSTILE:
        if label.isprintable():
            assert label in out
    assert "evil[red]-001" in run_in("runs").out


def test_json_holds_every_string_exactly(run_in):
    lines = run_in("predict", *HOSTILE, "--json").out.splitlines()
    assert [json.loads(line)["text"] for line in lines] == HOSTILE
    assert list(json.loads(lines[0])["probabilities"]) == sorted(HOSTILE)
    by_label = json.loads(run_in("evaluate", "--json").out)
    assert [row["label"] for row in by_label["classes"]] == sorted(HOSTILE)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_exported_table_holds_every_string_exactly(run_in, place, ending):
    import polars as pl

    path = place / f"out.{ending}"
    assert run_in("data", "export", "evil.yaml", *SET, "--output", path).code == 0
    read = {"csv": pl.read_csv, "jsonl": pl.read_ndjson, "parquet": pl.read_parquet}[ending]
    table = read(path)
    assert set(table["label"]) == set(HOSTILE)
    assert all(text.startswith(label) for text, label, _ in table.rows())


class Tags(HTMLParser):
    """Collects a page's elements and text, as a browser would see them."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.text = set(), ""
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        assert not [name for name, _ in attributes if name.startswith("on")]

    def handle_data(self, data):
        self.text += data


def test_a_page_shows_markup_as_text(run_in, place):
    text = "<script>alert(1)</script><img src=x onerror=alert(2)>&amp;\x1b[31m"
    assert run_in("explain", text, "--html", "page.html").code == 0
    page = Tags((place / "page.html").read_text("utf-8"))
    assert not page.tags & {"script", "img"}
    assert text.replace("\x1b", "\\x1b") in page.text
    assert_harmless(page.text)


def test_tensorboard_shows_the_config_as_a_block_of_code(place):
    from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator

    (folder,) = (place / "runs").iterdir()
    events = EventAccumulator(str(folder)).Reload()
    (config,) = events.Tensors("config")
    lines = config.tensor_proto.string_val[0].decode().splitlines()
    assert all(line.startswith("    ") for line in lines)
    assert any("\\e[31mevil[bold].csv" in line for line in lines)
    assert_harmless("\n".join(lines))
