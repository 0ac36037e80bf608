"""What must hold on a CUDA device too; skipped where there is none."""

import math

import numpy as np
import pytest
import torch

from every_kind import ENCODER_TYPES as ENCODERS
from every_kind import OPTIMIZER_TYPES
from nlptrain.config.load import load_config
from nlptrain.errors import NonFiniteStepError
from nlptrain.training import placed_split, steps
from nlptrain.training.assembly import build_learner
from nlptrain.training.loop import train
from nlptrain.training.plan import Progress, build_plan
from nlptrain.training.preparation import prepare

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device"),
]

SMALL = ["engine=torch", "data.sizes.train=256", "data.sizes.validation=64", "data.sizes.test=64"]


def build(device: str, *overrides: str):
    config = load_config("rnn", [*SMALL, f"device={device}", *overrides]).config
    preparation = prepare(config)
    return build_learner(config, preparation), preparation, build_plan(config, preparation)


def train_losses(device: str, *overrides: str) -> list[float]:
    learner, preparation, plan = build(device, "training.epochs=2", *overrides)
    splits = preparation.splits
    records = train(learner, preparation.train_split, splits["validation"], plan, Progress())
    return [record.loss for record in records]


@pytest.mark.parametrize("encoder", ENCODERS)
def test_cuda_gives_the_cpus_logits(encoder):
    overrides = (f"model.encoder.type={encoder}", "model.readout=max")
    logits = []
    for device in ("cpu", "cuda"):
        learner, preparation, _ = build(device, *overrides)
        logits.append(learner.logits(*preparation.splits["test"].texts.batch(np.arange(64))))
    np.testing.assert_allclose(logits[0], logits[1], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("optimizer", OPTIMIZER_TYPES)
def test_training_on_cuda_follows_the_cpu_in_double_precision(optimizer):
    overrides = ("training.dtype=float64", f"optimizer.type={optimizer}")
    cpu, cuda = (train_losses(device, *overrides) for device in ("cpu", "cuda"))
    np.testing.assert_allclose(cuda, cpu, rtol=1e-6, atol=1e-9)


def test_dropout_on_cuda_is_a_function_of_seed_and_step():
    first, second = (train_losses("cuda", "model.dropout=0.5") for _ in range(2))
    np.testing.assert_allclose(first, second, rtol=1e-3)


def test_a_state_saved_on_cuda_goes_on_there():
    learner, preparation, _ = build("cuda")
    batch = preparation.splits["train"].batch(np.arange(32))
    learner.step(batch, step=0, learning_rate=1e-3, measure_gradient=True)
    other, _, _ = build("cuda")
    other.load_state(learner.state())
    after = [
        each.step(batch, step=1, learning_rate=1e-3, measure_gradient=True).loss
        for each in (learner, other)
    ]
    assert after[0] == pytest.approx(after[1], rel=1e-5)


def records_of(learner, preparation, plan):
    validation = preparation.splits["validation"]
    return train(learner, preparation.train_split, validation, plan, Progress())


@pytest.mark.parametrize("encoder", ENCODERS)
def test_reading_late_gives_what_waiting_gives(encoder, monkeypatch):
    overrides = ("training.dtype=float64", f"model.encoder.type={encoder}", "model.readout=max")
    losses = []
    for seconds in (0, math.inf):
        monkeypatch.setattr(steps, "SECONDS_AHEAD", seconds)
        losses.append(train_losses("cuda", *overrides))
    np.testing.assert_allclose(losses[1], losses[0], rtol=1e-9)


def test_strings_too_many_for_the_device_are_moved_batch_by_batch(monkeypatch):
    placed = train_losses("cuda", "training.dtype=float64")
    monkeypatch.setattr(placed_split, "find_free_memory", lambda device: 0)
    moved = train_losses("cuda", "training.dtype=float64")
    np.testing.assert_allclose(moved, placed, rtol=1e-9)


@pytest.mark.parametrize("optimizer", OPTIMIZER_TYPES)
def test_step_that_is_not_finite_changes_nothing(optimizer):
    learner, preparation, plan = build("cuda", f"optimizer.type={optimizer}")
    before = learner.state()
    poisoned = learner.arrays()
    poisoned["head.0.bias"][:] = math.nan
    learner.load_arrays(poisoned)
    with pytest.raises(NonFiniteStepError, match="the training loss of step 1 is nan"):
        list(records_of(learner, preparation, plan))
    learner.load_arrays({name: before[name] for name in poisoned})
    after = learner.state()
    assert after.keys() == before.keys()
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array, err_msg=name)


@pytest.mark.parametrize("encoder", ["pooling", "rnn", "cnn"])
def test_the_loop_waits_only_where_it_reads(encoder):
    learner, preparation, plan = build("cuda", f"model.encoder.type={encoder}", "model.readout=max")
    batches = learner.place(preparation.splits["train"]).batches(plan.batch_size, 0, 0)
    first, second = next(batches), next(batches)
    learner.step_ahead(first, step=0, learning_rate=1e-3, measure_gradient=True)
    torch.cuda.set_sync_debug_mode("error")
    try:
        learner.step_ahead(second, step=1, learning_rate=1e-3, measure_gradient=True)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert all(result.finite for result in learner.read())


@pytest.mark.parametrize("encoder", ENCODERS)
@pytest.mark.parametrize("precision", ["bfloat16", "tf32"])
def test_training_with_rounded_products_follows_float32(precision, encoder):
    overrides = (f"model.encoder.type={encoder}", "model.readout=max")
    exact = train_losses("cuda", *overrides)
    rounded = train_losses("cuda", *overrides, f"training.precision={precision}")
    np.testing.assert_allclose(rounded, exact, rtol=0.05)


def test_fused_optimizer_goes_on_from_a_saved_state():
    learner, preparation, plan = build("cuda", "training.epochs=1", "training.dtype=float64")
    list(records_of(learner, preparation, plan))
    other, _, _ = build("cuda", "training.dtype=float64")
    other.load_state(learner.state())
    batch = preparation.splits["train"].batch(np.arange(32))
    for step in (4, 5):
        found, expected = (
            each.step(batch, step=step, learning_rate=1e-3, measure_gradient=True)
            for each in (other, learner)
        )
        assert found.loss == pytest.approx(expected.loss, rel=1e-9)
        assert found.grad_norm == pytest.approx(expected.grad_norm, rel=1e-9)
