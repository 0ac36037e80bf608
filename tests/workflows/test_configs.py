"""Every file in configs/ trains, in a short form."""

from pathlib import Path

import pytest

from nlptrain.config.load import load_config
from nlptrain.config.packaged import packaged_configs
from nlptrain.training.run import start

FOLDER = Path(__file__).parents[2] / "configs"
CONFIGS = sorted(FOLDER.glob("*.yaml"))
SHORT = ("training.steps=2", "model.embedding.dim=4", "text.min_count=1")
FEW_STRINGS = ("data.sizes={train: 40, validation: 12, test: 12}",)


@pytest.fixture
def few_rows(tmp_path):
    """Write a file with the columns of a config's own, and point the config to it."""

    def point(file):
        path = tmp_path / "few.csv"
        rows = [f"{letter}{number},{letter}" for letter in "ab" for number in range(20)]
        path.write_text("\n".join([f"{file.text},{file.label}", *rows]))
        return (f"data.file.path={path}",)

    return point


def test_all_configs_are_found():
    assert len(CONFIGS) >= 10
    assert [path.stem for path in CONFIGS] == list(packaged_configs())


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_config_trains(path, few_rows, tmp_path):
    file = load_config(path).config.data.file
    data = few_rows(file) if file else FEW_STRINGS
    config = load_config(path, [*SHORT, *data]).config
    outcome = start(config, runs_dir=tmp_path / "runs", command="")
    assert outcome.folder.path.name == f"{path.stem}-001"
    assert outcome.folder.read_record().status == "finished"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_header_says_question_command_and_what_to_expect(path):
    question, command, *_ = path.read_text().splitlines()
    assert question.startswith("# ")
    assert "?" in question
    runs_it = f"nlptrain train configs/{path.name}"
    assert runs_it in command or "nlptrain compare-" in command
    assert "expect: " in command
