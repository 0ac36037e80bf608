"""Every file in configs/ trains, in a short form."""

from pathlib import Path

import pytest

from nlptrain.config.load import load_config
from nlptrain.config.packaged import packaged_configs
from nlptrain.training.run import start

FOLDER = Path(__file__).parents[2] / "configs"
CONFIGS = list(packaged_configs().values())
IDS = [path.relative_to(FOLDER).as_posix() for path in CONFIGS]
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
    assert len(CONFIGS) >= 14
    assert set(CONFIGS) == set(FOLDER.rglob("*.yaml"))


@pytest.mark.parametrize("path", CONFIGS, ids=IDS)
def test_config_trains(path, few_rows, tmp_path):
    whole = load_config(path).config.data
    data = few_rows(whole.file) if whole.file else FEW_STRINGS
    lengths = [list(each) for each in whole.evaluate_lengths[:1]]
    config = load_config(path, [*SHORT, *data, f"data.evaluate_lengths={lengths}"]).config
    outcome = start(config, runs_dir=tmp_path / "runs", command="")
    assert outcome.folder.path.name == f"{path.stem}-001"
    assert outcome.folder.read_record().status == "finished"


@pytest.mark.parametrize("path", CONFIGS, ids=IDS)
def test_header_says_question_command_and_what_to_expect(path):
    question, command, *_ = path.read_text().splitlines()
    assert question.startswith("# ")
    assert "?" in question
    runs_it = f"nlptrain train configs/{path.relative_to(FOLDER).as_posix()}"
    assert runs_it in command or "nlptrain compare-" in command
    assert "expect: " in command
