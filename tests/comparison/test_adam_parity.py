import math
import subprocess
import sys

import pytest

from nlptrain.comparison.adam_parity import compare_adams
from nlptrain.config.load import load_config
from nlptrain.errors import ConfigError
from nlptrain.numpy_nn import optimizers
from nlptrain.training.numpy_learner import NumpyLearner
from nlptrain.training.torch_learner import TorchLearner

OPTIMIZER = "optimizer={type: adam, learning_rate: 0.01, weight_decay: 0.01}"
MODULES = ("torch.optim.adam", "nlptrain.numpy_nn.adam", "nlptrain.torch_nn.adam")
SMALL = ("data.sizes={train: 40, validation: 12, test: 12}", "training.batch_size=8")


def load(*overrides, encoder="rnn"):
    return load_config(encoder, [*SMALL, *overrides]).config


@pytest.fixture
def steps_taken(monkeypatch):
    """Note what each learner is given: optimizer, first parameters, batch, learning rate."""
    notes = []

    def note(learner):
        step = learner.step

        def noting(self, batch, **options):
            # The torch engine's class is a subclass made on the spot.
            kind = next(k for k in type(self.optimizer).__mro__ if k.__module__ in MODULES)
            name = kind.__module__
            embedding = self.arrays()["embedding.weight"]
            notes.append((name, embedding, batch.ids, options["step"], options["learning_rate"]))
            return step(self, batch, **options)

        monkeypatch.setattr(learner, "step", noting)

    note(NumpyLearner)
    note(TorchLearner)
    return notes


def test_both_by_hand_are_held_against_torch_in_both_precisions():
    rows = compare_adams(load(OPTIMIZER, encoder="pooling"))
    assert [(row.by_hand, row.dtype, len(row.differences)) for row in rows] == [
        ("numpy", "float64", 50),
        ("torch", "float64", 50),
        ("numpy", "float32", 50),
        ("torch", "float32", 50),
    ]


@pytest.mark.parametrize("encoder", ["pooling", "rnn", "lstm", "cnn"])
def test_both_by_hand_stay_at_torchs_parameters(encoder):
    rows = compare_adams(load(OPTIMIZER, encoder=encoder), steps=12)
    for row in rows:
        assert max(row.differences) < {"float64": 1e-9, "float32": 1e-3}[row.dtype]
    # Not the same arrays: some round otherwise, though on some processors not all.
    assert any(max(row.differences) > 0 for row in rows)


def test_each_trains_from_one_start_over_the_same_batches(steps_taken):
    compare_adams(load(OPTIMIZER, "training.schedule={type: linear}"), steps=7)
    for precision in (steps_taken[:21], steps_taken[21:]):
        starts = [embedding for _, embedding, *_ in precision[:3]]
        assert (starts[0] == starts[1]).all()
        assert (starts[0] == starts[2]).all()
        for first in range(0, 21, 3):
            (_, _, ids, *schedule), *others = precision[first : first + 3]
            assert all((each[2] == ids).all() and each[3:] == (*schedule,) for each in others)
    assert len({rate for *_, rate in steps_taken}) == 7


def test_three_implementations_are_trained(steps_taken):
    compare_adams(load(OPTIMIZER), steps=1)
    names = [name for name, *_ in steps_taken]
    assert names[:3] == list(MODULES)
    assert names[:3] == names[3:]


def test_adam_with_another_eps_is_seen_at_the_first_step(monkeypatch):
    right = optimizers.Adam
    wrong = lambda p, **rest: right(p, **rest | {"eps": 1e-3})  # noqa: E731
    monkeypatch.setitem(optimizers.CLASSES, "adam", wrong)
    by_numpy, by_torch, *_ = compare_adams(load(OPTIMIZER), steps=2)
    assert by_numpy.differences[0] > 1e-6
    assert by_torch.differences[0] < 1e-12


def test_parameters_that_run_away_are_compared_without_a_warning():
    overrides = ("optimizer={type: adam, learning_rate: 1e30}", "model.encoder.cell=rnn_relu")
    rows = compare_adams(load(*overrides), steps=5)
    assert [len(row.differences) for row in rows] == [5, 5, 5, 5]
    assert any(math.isnan(row.differences[-1]) for row in rows)


def test_each_row_has_the_time_of_a_step_of_both():
    for row in compare_adams(load(OPTIMIZER), steps=3):
        assert 0 < row.seconds_per_step < 10
        assert 0 < row.reference_seconds_per_step < 10


def test_other_optimizer_is_refused():
    with pytest.raises(ConfigError, match="'adamw' has no second implementation"):
        compare_adams(load("optimizer={type: adamw}"))


def test_importing_it_does_not_import_torch():
    code = "import sys, nlptrain.comparison.adam_parity; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
