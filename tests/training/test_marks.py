"""Marks at the ends of a string: what the network keeps, and what a model file says."""

import numpy as np
import pytest

from nlptrain.files.array_file import load_arrays
from nlptrain.inference.model import load
from nlptrain.training.numpy_learner import average_last_row
from nlptrain.training.run import start


def test_unknown_is_the_mean_of_the_characters_without_the_marks():
    table = np.array([[0.0], [1.0], [3.0], [50.0], [70.0], [9.0]])
    average_last_row(table, num_marks=2)
    assert table.ravel().tolist() == [0, 1, 3, 50, 70, 2]


@pytest.mark.parametrize("marked", ["false", "true"])
def test_model_file_says_marks_only_where_there_are_some(make_config, tmp_path, marked):
    config = make_config(f"text.boundaries={marked}", "training.steps=2")
    outcome = start(config, runs_dir=tmp_path, command="")
    _, metadata = load_arrays(outcome.folder.path / "model.safetensors")
    assert ("boundaries" in metadata) == (marked == "true")
    text = load(outcome.folder.path).file.text
    assert len(text.encode([""]).ids) == (2 if marked == "true" else 0)
    assert text.encode(["x" * 9]).lengths.tolist() == [11 if marked == "true" else 9]
