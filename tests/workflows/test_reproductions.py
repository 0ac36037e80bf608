"""The reproductions: parity in small, a quarter of the network and shorter strings; the page."""

import re
from pathlib import Path

import pytest

from nlptrain.config.load import load_config
from nlptrain.training.run import start

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reproductions.md"
CONFIGS = sorted((ROOT / "configs" / "reproductions").glob("*.yaml"))
SMALL = (
    "data.task.lengths=[1, 12]",
    "data.sizes={train: 320, validation: 100, test: 100}",
    "data.evaluate_lengths=[[13, 30], [31, 48]]",
    "model.encoder.hidden_size=64",
    "training.batch_size=64",
    "training.steps=300",
    "optimizer.learning_rate=2e-3",
    "logging.tensorboard=false",
)


@pytest.fixture
def train(tmp_path):
    """Train parity from a cell and a recurrent start, and evaluate it."""

    def train(cell, initialization):
        encoder = (f"model.encoder.cell={cell}", f"model.encoder.initialization={initialization}")
        config = load_config("reproductions/parity", [*SMALL, *encoder]).config
        return start(config, runs_dir=tmp_path, command="").evaluation

    return train


@pytest.mark.long
def test_relu_from_a_normal_start_learns_parity_and_carries_it_on_to_longer_strings(train):
    evaluation = train("rnn_relu", "normal")
    longer = [row.accuracy for row in evaluation.by_length if not row.in_training]
    assert evaluation.scores.accuracy == 1
    assert min(longer) >= 0.95
    assert evaluation.by_length[-1].longest == 48


@pytest.mark.long
def test_tanh_from_torchs_start_is_at_chance_after_as_many_steps(train):
    assert train("rnn_tanh", "torch").scores.accuracy < 0.7


def test_page_has_a_row_a_config_and_its_links_lead_somewhere():
    text = PAGE.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#]+)\)", text)
    assert len(targets) >= 3
    assert [each for each in targets if not (PAGE.parent / each).exists()] == []
    rows = set(re.findall(r"^\| `(\w+)` \| 100\.0 \|", text, re.MULTILINE))
    assert rows == {path.stem for path in CONFIGS}


def test_configs_differ_in_task_and_length_of_training_only():
    configs = [load_config(path).config.model_dump() for path in CONFIGS]
    for config in configs:
        for key in ("name", "comparison"):
            del config[key]
        del config["data"]["task"], config["training"]["steps"]
        del config["training"]["evaluate_every_steps"]
    assert len(configs) == 4
    assert all(config == configs[0] for config in configs)
