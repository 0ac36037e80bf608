import json
import os
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from nlptrain.cli.app import app
from nlptrain.errors import RunFolderError
from nlptrain.files.model_file import ModelFile, TextPipeline
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.text.vocabulary import Vocabulary

MODEL = ("--run", "model.safetensors")


@pytest.fixture
def workplace(tmp_path, monkeypatch):
    """Go to a folder with a small network's model file."""
    architecture = Architecture(8, 2, 4, Recurrent(hidden_size=10), output="sigmoid")
    arrays = initial_parameters(architecture, seed=0, dtype="float32")
    text = TextPipeline(Vocabulary("abcdef"))
    model = ModelFile(architecture, arrays, text, ("[red]no", "yes"), "bce")
    model.save(tmp_path / "model.safetensors")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def explain(workplace):
    """Run the command in this process."""
    return lambda *arguments: CliRunner().invoke(app, ["explain", *arguments])


@pytest.fixture
def spawn(workplace):
    """Run a program in a process of its own: its standard output."""

    def run(*arguments, **environment):
        env = os.environ | {"PYTHONUTF8": "1", "TERM": "xterm"} | environment
        return subprocess.check_output([sys.executable, *arguments], env=env).decode()

    return run


def test_page_goes_from_characters_to_what_mattered(explain):
    result = explain("abcd", *MODEL)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "1. characters → token ids (4)" in result.stdout
    assert "3. embedding → hidden states (4 × 10)" in result.stdout
    assert "shown: the first 8 of 10 features; --full shows all" in result.stdout
    assert "gradient × input" in result.stdout


def test_full_shows_every_feature(explain):
    result = explain("abcd", *MODEL, "--full")
    assert "shown:" not in result.stdout
    assert any(line.split() == ["9", "10"] for line in result.stdout.splitlines())


def test_labels_are_shown_as_they_are(explain):
    assert "P([red]no) = 1 - P(yes) = " in explain("abcd", *MODEL).stdout


def test_colour_is_there_only_where_it_is_wanted(spawn):
    arguments = ("-m", "nlptrain", "explain", "abcd", *MODEL)
    coloured = spawn(*arguments, FORCE_COLOR="1", COLORTERM="truecolor")
    plain = spawn(*arguments, FORCE_COLOR="1", COLORTERM="truecolor", NO_COLOR="1")
    assert "48;2;33;102;172" in coloured or "48;2;178;24;43" in coloured
    assert "8;2;" not in plain
    assert "█" in plain


def test_json_is_one_object_and_the_page_goes_to_a_file(explain, workplace):
    result = explain("abé", *MODEL, "--json", "--html", "page.html")
    assert (result.exit_code, result.stderr) == (0, "page: page.html\n")
    assert np.shape(json.loads(result.stdout)["features"]) == (3, 10)
    page = (workplace / "page.html").read_text("utf-8")
    assert "embedding → hidden states (3 × 10)" in page


@pytest.mark.parametrize("text", ["", " ", "[bold]x[/]", "a\x1b[31mb", "你个扑该!", "x" * 200])
def test_any_string_is_explained(explain, text):
    result = explain(text, *MODEL, "--html", "page.html")
    assert (result.exit_code, result.stderr) == (0, "page: page.html\n")
    assert "which characters mattered most" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("mode", [(), ("--json",)])
def test_half_a_character_is_explained(spawn, mode):
    out = spawn("-m", "nlptrain", "explain", os.fsdecode(b"a\x80"), *MODEL, *mode)
    assert "\\udc80" in out
    if mode:
        assert json.loads(out)["text"] == "a\udc80"


def test_missing_run_is_a_message(explain):
    result = explain("abcd", "--run", "nowhere")
    assert isinstance(result.exception, RunFolderError)
    assert "nowhere" in str(result.exception)


def test_page_that_cannot_be_written_is_a_message(explain):
    result = explain("abcd", *MODEL, "--html", "no/such/folder/page.html")
    assert isinstance(result.exception, RunFolderError)
    assert str(result.exception).startswith("no/such/folder/page.html: cannot write: ")


def test_command_never_loads_torch(spawn):
    program = (
        "import atexit, sys; from nlptrain.cli.app import main;"
        "atexit.register(lambda: print(*sys.modules));"
        "sys.argv = ['nlptrain', 'explain', 'ab', *sys.argv[1:], '--html', 'p.html']; main()"
    )
    loaded = spawn("-c", program, *MODEL).splitlines()[-1].split()
    assert "nlptrain.reporting.pages.explanation" in loaded
    assert not {"torch", "tensorboard", "matplotlib"} & set(loaded)
