"""Optimizers and clipping by hand against torch.optim, over many steps of several parameters."""

import numpy as np
import pytest
import torch

from every_kind import DEFAULT_OPTIMIZERS, OPTIMIZER_OPTIONS, OPTIMIZERS
from nlptrain.numpy_nn.adagrad import Adagrad
from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.adamw import AdamW
from nlptrain.numpy_nn.clipping import clip_norm
from nlptrain.numpy_nn.optimizers import build_optimizer, list_state_shapes
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.rmsprop import Rmsprop
from nlptrain.numpy_nn.sgd import Sgd
from nlptrain.torch_nn.optimizer import build_optimizer as build_torch_optimizer

STEPS = 100
SHAPES = {"weight": (4, 3), "bias": (4,), "scalar": (1,), "kernel": (2, 3, 2)}
MATRICES = {"weight": 2, "kernel": 1}
"""For Muon: two gates of 2 × 3, and a kernel of 2 × 6."""
SECTIONS = [
    type(DEFAULT_OPTIMIZERS[kind])(**options)
    for kind, each in OPTIMIZER_OPTIONS.items()
    for options in each
]
EVERY_SECTION = pytest.mark.parametrize("section", SECTIONS, ids=str)


def build(section, vector):
    settings = section.model_dump(exclude={"type", "learning_rate"})
    return build_optimizer(section.type, vector, settings, MATRICES)


def draw_arrays(seed):
    generator = np.random.default_rng(seed)
    return {name: generator.standard_normal(shape) for name, shape in SHAPES.items()}


def gradients(step):
    """Draw the gradients of a step: some loud, some quiet, some 0."""
    return {
        name: (1 + 9 * (step % 7 == 0)) * (step % 5 > 0) * g
        for name, g in draw_arrays(step).items()
    }


def learning_rate(step):
    return 0.05 / (1 + step / 50)


@EVERY_SECTION
def test_parameters_equal_torch_after_every_step(section):
    start = draw_arrays(1000)
    vector, gradient = ParameterVector(start), ParameterVector(start).like()
    optimizer = build(section, vector)
    network = torch.nn.ParameterDict({name: torch.tensor(each) for name, each in start.items()})
    expected = build_torch_optimizer(section, network.named_parameters(), MATRICES)
    for step in range(STEPS):
        gradient.fill(gradients(step))
        optimizer.step(gradient.vector, learning_rate(step))
        for name, value in gradients(step).items():
            network[name].grad = torch.from_numpy(value)
        expected.param_groups[0]["lr"] = learning_rate(step)
        expected.step()
        for name, tensor in network.items():
            np.testing.assert_allclose(
                vector.views[name], tensor.detach().numpy(), rtol=1e-11, atol=1e-13, err_msg=name
            )


@pytest.mark.parametrize("section", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_every_kind_by_hand_equals_its_kind_in_torch(section):
    start = draw_arrays(1000)
    vector, gradient = ParameterVector(start), ParameterVector(start).like()
    by_hand = build(section, vector)
    network = torch.nn.ParameterDict({name: torch.tensor(each) for name, each in start.items()})
    reference = build_torch_optimizer(section, network.named_parameters(), MATRICES)
    for step in range(20):
        gradient.fill(gradients(step))
        by_hand.step(gradient.vector, section.learning_rate)
        for name, value in gradients(step).items():
            network[name].grad = torch.from_numpy(value)
        reference.step()
    for name, tensor in network.items():
        expected = tensor.detach().numpy()
        np.testing.assert_allclose(vector.views[name], expected, rtol=1e-9, atol=1e-12)
    for name, parameter in network.items():
        expected = {k: v.shape for k, v in reference.state[parameter].items() if v is not None}
        ours = {k.partition(".")[0]: v for k, v in by_hand.state().items() if k.endswith(name)}
        assert {key: value.shape for key, value in ours.items()} == expected


@pytest.mark.parametrize("section", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_shapes_of_the_state_are_known_beforehand(section):
    vector = ParameterVector(draw_arrays(1000))
    optimizer = build(section, vector)
    optimizer.step(vector.like().vector, 0.1)
    settings = section.model_dump(mode="json", exclude={"learning_rate"})
    found = {key: array.shape for key, array in optimizer.state().items()}
    assert found == list_state_shapes(settings, SHAPES, MATRICES)


@EVERY_SECTION
def test_restored_optimizer_goes_on_bit_for_bit(section):
    vector = ParameterVector(draw_arrays(1000))
    optimizer, gradient = build(section, vector), vector.like()
    for step in range(20):
        if step == 10:
            copy = ParameterVector(vector.views)
            restored = build(section, copy)
            restored.load_state(optimizer.state())
        gradient.fill(gradients(step))
        if step >= 10:
            restored.step(gradient.vector.copy(), 0.05)
        optimizer.step(gradient.vector, 0.05)
    np.testing.assert_array_equal(copy.vector, vector.vector)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@EVERY_SECTION
def test_networks_side_by_side_learn_at_rates_of_their_own(section, dtype):
    rates = np.array([[0.1], [0.01], [0.003]])
    arrays = [{n: a.astype(dtype) for n, a in draw_arrays(seed).items()} for seed in (1, 2, 3)]
    together = ParameterVector({n: np.stack([a[n] for a in arrays]) for n in SHAPES}, leading=1)
    alone = [ParameterVector(each) for each in arrays]
    optimizer, optimizers = build(section, together), [build(section, v) for v in alone]
    for step in range(10):
        gradient = alone[0].like()
        gradient.fill(gradients(step))
        each = [gradient.vector, -gradient.vector, 2 * gradient.vector]
        optimizer.step(np.stack(each), rates)
        for single, vector, rate in zip(optimizers, each, rates.ravel().tolist(), strict=True):
            single.step(vector, rate)
    assert together.vector.dtype == dtype
    np.testing.assert_array_equal(together.vector, [v.vector for v in alone])


@pytest.mark.parametrize("kind", OPTIMIZER_OPTIONS)
def test_state_before_the_first_step_starts_anew(kind):
    vector = ParameterVector(draw_arrays(1))
    copy = ParameterVector(vector.views)
    optimizer, restored = (build(DEFAULT_OPTIMIZERS[kind], each) for each in (vector, copy))
    restored.load_state(optimizer.state())
    for each in (optimizer, restored):
        each.step(np.ones_like(vector.vector), 0.1)
    np.testing.assert_array_equal(copy.vector, vector.vector)


def test_sgd_on_paper():
    vector = ParameterVector({"w": np.array([1.0])})
    optimizer = Sgd(vector, momentum=0.5)
    optimizer.step(np.array([2.0]), 0.1)
    np.testing.assert_allclose(vector.vector, [0.8])
    optimizer.step(np.array([4.0]), 0.1)  # b = 0.5 · 2 + 4
    np.testing.assert_allclose(vector.vector, [0.3])


def test_adam_on_paper():
    vector = ParameterVector({"w": np.array([1.0])})
    optimizer = Adam(vector, betas=(0.5, 0.75), eps=1.0)
    optimizer.step(np.array([2.0]), 0.3)  # m̂ = 2, √v̂ = 2
    np.testing.assert_allclose(vector.vector, [0.8])
    optimizer.step(np.array([-1.0]), 0.3)  # m = 0, so nothing moves
    np.testing.assert_allclose(vector.vector, [0.8])
    optimizer.step(np.array([3.5]), 0.3)  # m = 1.75, m̂ = 2; v = 3.8125, v̂ = 3.8125 · 64 / 37
    np.testing.assert_allclose(vector.vector, [0.8 - 0.6 / (np.sqrt(3.8125 * 64 / 37) + 1)])


def test_adamw_on_paper():
    vector = ParameterVector({"w": np.array([1.0])})
    # 1 − 0.3 · 0.5 = 0.85, and then Adam's step of 0.3 · 2 / (2 + 1).
    AdamW(vector, betas=(0.5, 0.75), eps=1.0, weight_decay=0.5).step(np.array([2.0]), 0.3)
    np.testing.assert_allclose(vector.vector, [0.65])


def test_rmsprop_on_paper():
    vector = ParameterVector({"w": np.array([1.0])})
    optimizer = Rmsprop(vector, alpha=0.75, eps=1.0, momentum=0.5)
    optimizer.step(np.array([2.0]), 0.1)  # v = 1, d = 2 / (1 + 1)
    np.testing.assert_allclose(vector.vector, [0.9])
    optimizer.step(np.array([3.0]), 0.1)  # v = 3, b = 0.5 · 1 + 3 / (√3 + 1)
    np.testing.assert_allclose(vector.vector, [0.85 - 0.3 / (np.sqrt(3) + 1)])


def test_centred_rmsprop_on_paper():
    vector = ParameterVector({"w": np.array([1.0])})
    Rmsprop(vector, alpha=0.75, eps=1.0, centered=True).step(np.array([2.0]), 0.1)
    np.testing.assert_allclose(vector.vector, [1 - 0.2 / (np.sqrt(1 - 0.5**2) + 1)])


def test_adagrad_on_paper():
    vector = ParameterVector({"w": np.array([1.0])})
    optimizer = Adagrad(vector, initial_accumulator_value=7.0, eps=1.0, lr_decay=0.5)
    optimizer.step(np.array([3.0]), 0.1)  # s = 16
    np.testing.assert_allclose(vector.vector, [1 - 0.3 / 5])
    optimizer.step(np.array([3.0]), 0.1)  # s = 25, and the step 1.5 times shorter
    np.testing.assert_allclose(vector.vector, [1 - 0.3 / 5 - 0.3 / 1.5 / 6])


@pytest.mark.crossed
@pytest.mark.parametrize("limit", [0.1, 5.0, 1e6])
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e-8])
def test_clipping_equals_torch(limit, scale):
    vector = ParameterVector({name: scale * array for name, array in draw_arrays(3).items()})
    parameters = [torch.zeros(shape, dtype=torch.float64) for shape in SHAPES.values()]
    for parameter, view in zip(parameters, vector.views.values(), strict=True):
        parameter.grad = torch.tensor(view)
    norm = clip_norm(vector.vector, limit)
    assert norm == pytest.approx(torch.nn.utils.clip_grad_norm_(parameters, limit).item())
    for parameter, view in zip(parameters, vector.views.values(), strict=True):
        np.testing.assert_allclose(view, parameter.grad.numpy(), rtol=1e-12)


def test_clipping_takes_each_of_the_networks_side_by_side_alone():
    gradient = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]], np.float32)
    norms = clip_norm(gradient, 1.0)
    np.testing.assert_allclose(norms, [5, 0.5, 0], rtol=1e-6)
    np.testing.assert_allclose(gradient, [[0.6, 0.8], [0.3, 0.4], [0, 0]], rtol=1e-5)
    assert norms.dtype == gradient.dtype == np.float32
