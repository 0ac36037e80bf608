import json
from dataclasses import replace

import pytest
from PIL import Image

from nlptrain.comparison.optimizers import CURVES_FILE, RESULTS_FILE, compare_optimizers
from nlptrain.errors import DataError

TWO_SEEDS = ("comparison.seeds=2",)


@pytest.fixture
def _no_picture(monkeypatch):
    """Leave the picture out, which takes longer than the trials."""
    monkeypatch.setattr("nlptrain.comparison.optimizers.draw_curves", lambda *_: None)


def compare(config, tmp_path, *, jobs=1, **options):
    return compare_optimizers(config, output=tmp_path / "runs", jobs=jobs, **options)


def read_results(comparison):
    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    text = (comparison.folder / RESULTS_FILE).read_text()
    return json.loads(text, parse_constant=refuse)


@pytest.mark.usefixtures("_no_picture")
def test_every_optimizer_is_trained_from_every_seed(make_config, tmp_path):
    said = []
    config = make_config("seed=5", *TWO_SEEDS)
    comparison = compare(config, tmp_path, tell=said.append)
    assert comparison.seeds == [5, 6]
    assert [each.name for each in comparison.contestants] == ["sgd", "adam", "adam_by_hand"]
    for contestant in comparison.contestants:
        assert [result.seed for result in contestant.results] == [5, 6]
    trials = [line.split("  ")[:3] for line in said if "seed" in line]
    assert trials == [
        [f"{number}/6", name, f"seed {seed}"]
        for number, (seed, name) in enumerate(
            ((seed, name) for seed in (5, 6) for name in ("sgd", "adam", "adam_by_hand")), 1
        )
    ]


@pytest.mark.usefixtures("_no_picture")
def test_processes_side_by_side_change_no_result(make_config, tmp_path):
    config = make_config("comparison.seeds=1", "comparison.optimizers=[{type: sgd}, {type: adam}]")
    alone, side_by_side = (compare(config, tmp_path, jobs=jobs) for jobs in (1, 2))
    assert alone.folder != side_by_side.folder
    assert side_by_side == replace(alone, folder=side_by_side.folder)


def test_files_can_be_read(make_config, tmp_path):
    comparison = compare(make_config(*TWO_SEEDS), tmp_path)
    with Image.open(comparison.folder / CURVES_FILE) as picture:
        picture.verify()
        assert picture.format == "PNG"
    results = read_results(comparison)
    assert results["protocol"]["seeds"] == [0, 1]
    assert [each["name"] for each in results["optimizers"]] == ["sgd", "adam", "adam_by_hand"]
    first = results["optimizers"][0]["results"][0]
    assert first["validation_losses"] == comparison.contestants[0].results[0].validation_losses


@pytest.mark.usefixtures("_no_picture")
def test_names_tell_optimizers_of_one_kind_apart(make_config, tmp_path):
    optimizers = (
        "[{type: sgd}, {type: sgd}, {type: adam}, {type: adam, learning_rate: 0.1}, "
        "{type: adam, amsgrad: true}]"
    )
    config = make_config(
        "training.steps=1", f"comparison.optimizers={optimizers}", "comparison.seeds=1"
    )
    names = [each.name for each in compare(config, tmp_path).contestants]
    assert names == [
        "sgd (number 1)",
        "sgd (number 2)",
        "adam (learning_rate 0.001, amsgrad False)",
        "adam (learning_rate 0.1, amsgrad False)",
        "adam (learning_rate 0.001, amsgrad True)",
    ]


def test_trainings_of_different_length_are_drawn(make_config, tmp_path):
    config = make_config(
        *TWO_SEEDS, "training.patience=1", "training.evaluate_every_steps=1", "training.steps=20"
    )
    comparison = compare(config, tmp_path)
    lengths = {len(result.steps) for each in comparison.contestants for result in each.results}
    assert len(lengths) > 1
    assert (comparison.folder / CURVES_FILE).is_file()


def test_diverged_trial_is_counted_and_hurts_no_other(make_config, tmp_path):
    optimizers = "[{type: sgd, learning_rate: 1e30}, {type: adam}]"
    overrides = ("model.encoder.cell=rnn_relu", *TWO_SEEDS)
    config = make_config(*overrides, f"comparison.optimizers={optimizers}")
    said = []
    comparison = compare(config, tmp_path, tell=said.append)
    diverged = [[result.diverged for result in each.results] for each in comparison.contestants]
    assert diverged == [[True] * 2, [False] * 2]
    assert any("diverged" in line for line in said)
    assert read_results(comparison)["optimizers"][0]["results"][0]["diverged"] is True
    assert (comparison.folder / CURVES_FILE).is_file()


def test_nothing_but_diverged_trials_leaves_an_empty_picture(make_config, tmp_path):
    optimizers = "[{type: sgd, learning_rate: 1e30}]"
    overrides = ("model.encoder.cell=rnn_relu", "comparison.seeds=1")
    config = make_config(*overrides, f"comparison.optimizers={optimizers}")
    assert (compare(config, tmp_path).folder / CURVES_FILE).is_file()


def test_refused_comparison_leaves_nothing_behind(make_config, tmp_path):
    with pytest.raises(DataError, match="distinct strings"):
        compare(make_config("data.task.lengths=[1, 2]", "data.sizes.train=1000"), tmp_path)
    assert not (tmp_path / "runs").exists()


def test_failing_trial_leaves_no_folder_behind(make_config, tmp_path):
    config = make_config(f"model.embedding.vectors={tmp_path}/missing.txt")
    with pytest.raises(DataError, match=r"missing\.txt"):
        compare(config, tmp_path)
    assert not list((tmp_path / "runs").iterdir())


@pytest.mark.usefixtures("_no_picture")
def test_one_adam_by_hand_is_said_to_be_one(make_config, tmp_path, engine):
    said = []
    comparison = compare(make_config("comparison.seeds=1"), tmp_path, tell=said.append)
    assert said[0] == f"engine: {engine}, as the config says"
    assert any("the same code" in line for line in said) == (engine == "numpy")
    adam, by_hand = (comparison.contestants[place].results for place in (1, 2))
    assert engine == "torch" or adam == by_hand
