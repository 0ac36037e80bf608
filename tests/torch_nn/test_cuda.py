"""What must hold on a CUDA device too; skipped where there is none."""

import numpy as np
import pytest
import torch

from every_kind import ENCODER_TYPES as ENCODERS
from every_kind import OPTIMIZER_TYPES
from nlptrain.config.load import load_config
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
