"""Several processes train as one does, but for rounding: each kind of network in float64."""

import json

import numpy as np
import pytest

import shared_curves

NUMBERS = ("loss", "grad_norm", "validation_loss", "test_loss")
CHOICES = ("correct", "validation_accuracy", "test_predictions")


@pytest.fixture(
    scope="module",
    params=[2, pytest.param(3, marks=pytest.mark.long), pytest.param(4, marks=pytest.mark.long)],
)
def together(request, torchrun, tmp_path_factory):
    """Train all networks under torchrun, in one go."""
    folder = tmp_path_factory.mktemp("curves")
    ended = torchrun(request.param, shared_curves.__file__, folder / "curves.json", folder=folder)
    assert ended.code == 0, ended.err
    return json.loads((folder / "curves.json").read_text())


@pytest.mark.parametrize("case", shared_curves.CASES)
def test_curve_and_scores_are_those_of_one_process(together, case):
    alone = shared_curves.measure(shared_curves.CASES[case])
    assert len(together[case]["loss"]) == (50 if case == "rnn" else 20)
    # Where factors are rounded to 8 bits, another last digit may round to another factor.
    tolerance = 0.01 if case == "bfloat16" else 1e-9
    for name in NUMBERS:
        np.testing.assert_allclose(together[case][name], alone[name], rtol=0, atol=tolerance)
    for name in CHOICES:
        assert together[case][name] == alone[name]
    assert list(together[case]["parameters"]) == list(alone["parameters"])
    for name, values in alone["parameters"].items():
        np.testing.assert_allclose(
            together[case]["parameters"][name], values, rtol=0, atol=tolerance
        )
