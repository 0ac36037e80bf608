"""Optimizers and clipping by hand against torch.optim, over many steps of several parameters."""

import math
from functools import partial

import numpy as np
import pytest
import torch

from every_kind import DEFAULT_OPTIMIZERS, OPTIMIZER_OPTIONS, OPTIMIZERS
from nlptrain.numpy_nn.adadelta import Adadelta
from nlptrain.numpy_nn.adagrad import Adagrad
from nlptrain.numpy_nn.adam import Adam
from nlptrain.numpy_nn.adamax import Adamax
from nlptrain.numpy_nn.adamw import AdamW
from nlptrain.numpy_nn.asgd import Asgd
from nlptrain.numpy_nn.clipping import clip_norm
from nlptrain.numpy_nn.lion import Lion
from nlptrain.numpy_nn.muon import Muon, orthogonalize
from nlptrain.numpy_nn.nadam import NAdam
from nlptrain.numpy_nn.optimizers import build_optimizer, list_state_shapes
from nlptrain.numpy_nn.parameters import ParameterVector
from nlptrain.numpy_nn.radam import RAdam
from nlptrain.numpy_nn.rmsprop import Rmsprop
from nlptrain.numpy_nn.rprop import Rprop
from nlptrain.numpy_nn.schedule_free import ScheduleFreeAdamW, ScheduleFreeSgd
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
    found: dict[str, list[np.ndarray]] = {name: [] for name in start}
    wanted: dict[str, list[np.ndarray]] = {name: [] for name in start}
    for step in range(STEPS):
        drawn = gradients(step)
        gradient.fill(drawn)
        optimizer.step(gradient.vector, learning_rate(step))
        for name, value in drawn.items():
            network[name].grad = torch.from_numpy(value)
        expected.param_groups[0]["lr"] = learning_rate(step)
        expected.step()
        for name, tensor in network.items():
            found[name].append(vector.views[name].copy())
            wanted[name].append(tensor.detach().numpy().copy())
    for name, steps in found.items():
        np.testing.assert_allclose(steps, wanted[name], rtol=1e-11, atol=1e-13, err_msg=name)


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
        expected = {k: np.shape(v) for k, v in reference.state[parameter].items() if v is not None}
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


def take_steps(make, *gradients, rate=0.1, start=1.0):
    """Take a step with each gradient, and tell the weight after it."""
    vector = ParameterVector({"w": np.array([start])})
    optimizer, weights = make(vector), []
    for gradient in gradients:
        optimizer.step(np.array([gradient]), rate)
        weights.append(vector.vector.item())
    return weights


def test_nadam_on_paper():
    # ψ = 0 makes all μ = 0.5 · 0.5; m = 1, √v̂ = 2: 0.25 · 1 / (1 − 1/16) + 0.75 · 2 / (1 − 1/4).
    make = partial(NAdam, betas=(0.5, 0.75), eps=1.0, momentum_decay=0.0)
    assert take_steps(make, 2.0) == pytest.approx([1 - 0.1 * (0.25 / (15 / 16) + 2) / 3])


def test_radam_on_paper():
    make = partial(RAdam, betas=(0.5, 0.75), eps=1.0)
    # ρ∞ = 7, and ρ = 7 − 2 t 0.75ᵗ / (1 − 0.75ᵗ) is 4.84 at the 7th step: m̂ alone until then.
    *weights, last = take_steps(make, *[2.0] * 8)
    assert weights == pytest.approx([0.8, 0.6, 0.4, 0.2, 0.0, -0.2, -0.4])
    known = 1 - 0.75**8
    length = 7 - 16 * 0.75**8 / known
    r = math.sqrt((length - 4) * (length - 2) * 7 / (3 * 5 * length))
    step = r * 2 * math.sqrt(known) / (2 * math.sqrt(known) + 1)
    assert last == pytest.approx(-0.4 - 0.1 * step)


def test_adamax_on_paper():
    make = partial(Adamax, betas=(0.5, 0.75), eps=1.0)
    # u = 3, m̂ = 2; then u = max(2.25, 2), m = 0.5 + 0.5, m̂ = 1 / 0.75.
    weights = take_steps(make, 2.0, 1.0)
    assert weights == pytest.approx([1 - 0.2 / 3, 1 - 0.2 / 3 - 0.1 / 0.75 / 2.25])


def test_adadelta_on_paper():
    make = partial(Adadelta, rho=0.75, eps=3.0)
    # v = 1, Δ = √3 / √4 · 2, u = 0.25 · 3.
    weights = take_steps(make, 2.0, 0.0)
    assert weights == pytest.approx([1 - 0.1 * math.sqrt(3)] * 2)
    # v = 0.75 · 0.75 · 1 + 0.25 · 4, u = 0.75 · 0.75.
    third = math.sqrt(0.5625 + 3) / math.sqrt(1.5625 + 3) * 2
    assert take_steps(make, 2.0, 0.0, 2.0)[2] == pytest.approx(weights[1] - 0.1 * third)


def test_rprop_on_paper():
    make = partial(Rprop, etas=(0.5, 2.0), step_sizes=(0.04, 0.3))
    # 0.1; twice that; no more than 0.3; half of it and no step; as it is; half, but none.
    weights = take_steps(make, 5.0, 0.1, 7.0, -3.0, -3.0, 1.0)
    assert weights == pytest.approx([0.9, 0.7, 0.4, 0.4, 0.55, 0.55])


def test_asgd_on_paper():
    vector = ParameterVector({"w": np.array([1.0])})
    optimizer = Asgd(vector, lambd=0.5, alpha=1.0, t0=1.0)
    assert optimizer.average() is None
    weights = []
    for gradient in (2.0, 0.0, 0.0, 0.0):
        optimizer.step(np.array([gradient]), 0.5)
        weights.append(vector.vector.item())
    # η is 0.5, then 0.5 / 1.25, 0.5 / 1.5, 0.5 / 1.75; the decay is η / 2.
    expected = np.cumprod([1, 0.8, 1 - 1 / 6, 1 - 1 / 7]) * (0.75 - 1)
    np.testing.assert_allclose(weights, expected, rtol=1e-7)
    # μ is 1 until t − t₀ is 2, which is computed after the third step.
    np.testing.assert_allclose(optimizer.average(), [(weights[2] + weights[3]) / 2], rtol=1e-7)


def test_lion_on_paper():
    make = partial(Lion, betas=(0.75, 0.5), weight_decay=0.5)
    # 2 (1 − 0.05) − 0.1; m = 2, and 0.75 · 2 − 0.25 · 5 > 0, so down again.
    weights = take_steps(make, 4.0, -5.0, start=2.0)
    assert weights == pytest.approx([1.8, 1.8 * 0.95 - 0.1])


def test_schedule_free_sgd_on_paper():
    vector = ParameterVector({"w": np.array([1.0])})
    optimizer = ScheduleFreeSgd(vector, momentum=0.5)
    optimizer.step(np.array([2.0]), 0.1)  # z = x = y = 0.8
    optimizer.step(np.array([4.0]), 0.1)  # z = 0.4, x = 0.6
    np.testing.assert_allclose(vector.vector, [0.5])
    np.testing.assert_allclose(optimizer.average(), [0.6])


def test_schedule_free_adamw_on_paper():
    make = partial(ScheduleFreeAdamW, betas=(0.5, 0.75), eps=1.0, weight_decay=0.5)
    assert take_steps(make, 2.0) == pytest.approx([1 - 0.1 * (2 / 3 + 0.5)])


def test_muon_on_paper():
    vector = ParameterVector({"w": np.array([[2.0]]), "b": np.array([2.0])})
    options = {"ns_steps": 0, "weight_decay": 0.5, "adamw_factor": 0.5, "adamw_eps": 3.0}
    optimizer = Muon(vector, matrices={"w": 1, "frozen": 1}, **options, adamw_weight_decay=0.0)
    optimizer.step(np.array([-3.0, -3.0]), 0.1)
    # 2 (1 − 0.05) + 0.1 · 0.2, and Adam's step of 0.05 · 3 / (3 + 3).
    np.testing.assert_allclose(vector.vector, [1.92, 2.025])


@pytest.mark.parametrize("steps", [0, 1, 5])
def test_newton_and_schulz_do_to_matrices_what_their_polynomial_does_to_singular_values(steps):
    matrices = np.random.default_rng(0).standard_normal((2, 3, 5, 4))
    u, values, v = np.linalg.svd(matrices, full_matrices=False)
    expected = values / np.linalg.norm(values, axis=-1, keepdims=True)
    for _ in range(steps):
        expected = 3.4445 * expected - 4.7750 * expected**3 + 2.0315 * expected**5
    found = orthogonalize(matrices, steps, 1e-7)
    np.testing.assert_allclose(found, (u * expected[..., None, :]) @ v, atol=1e-12)


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
