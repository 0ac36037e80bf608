"""What holds for every optimizer written out in torch: it is PyTorch's in all that can be seen."""

import copy
import importlib
import itertools
import math
import types

import pytest
import torch

from every_kind import DEFAULT_OPTIMIZERS
from nlptrain.torch_nn.adadelta import Adadelta
from nlptrain.torch_nn.adagrad import Adagrad
from nlptrain.torch_nn.adam import Adam
from nlptrain.torch_nn.adamax import Adamax
from nlptrain.torch_nn.adamw import AdamW
from nlptrain.torch_nn.asgd import ASGD
from nlptrain.torch_nn.nadam import NAdam
from nlptrain.torch_nn.optimizer import build_optimizer
from nlptrain.torch_nn.radam import RAdam
from nlptrain.torch_nn.rmsprop import RMSprop
from nlptrain.torch_nn.rprop import Rprop
from nlptrain.torch_nn.sgd import SGD

ADAM_OPTIONS = {
    "default": {},
    "lr": {"lr": 0.05},
    "tensor lr": {"lr": torch.tensor(0.05)},
    "betas": {"betas": (0.5, 0.9)},
    "tensor betas": {"betas": (torch.tensor(0.5), torch.tensor(0.9))},
    "eps": {"eps": 1e-2},
    "no eps": {"eps": 0.0},
    "weight decay": {"weight_decay": 0.1},
    "amsgrad": {"amsgrad": True, "betas": (0.9, 0.9)},
    "maximize": {"maximize": True},
    "all": {"lr": 0.01, "eps": 1e-2, "weight_decay": 0.1, "amsgrad": True, "maximize": True},
}
OPTIONS = {
    SGD: {
        "default": {},
        "tensor lr": {"lr": torch.tensor(0.05)},
        "weight decay": {"lr": 0.05, "weight_decay": 0.5},
        "momentum": {"lr": 0.05, "momentum": 0.9},
        "dampening": {"lr": 0.05, "momentum": 0.9, "dampening": 0.5},
        "nesterov": {"lr": 0.05, "momentum": 0.9, "nesterov": True},
        "maximize": {"maximize": True, "weight_decay": 0.5},
        "all": {"momentum": 0.5, "weight_decay": 0.1, "nesterov": True, "maximize": True},
    },
    Adam: ADAM_OPTIONS,
    AdamW: ADAM_OPTIONS | {"decay of half": {"lr": 0.1, "weight_decay": 5.0}},
    RMSprop: {
        "default": {},
        "tensor lr": {"lr": torch.tensor(0.05)},
        "alpha": {"alpha": 0.5},
        "eps": {"eps": 0.5},
        "weight decay": {"weight_decay": 0.1},
        "momentum": {"momentum": 0.9},
        "centered": {"centered": True, "eps": 1e-2},
        "maximize": {"maximize": True},
        "all": {
            "alpha": 0.9,
            "eps": 1e-2,
            "weight_decay": 0.1,
            "momentum": 0.5,
            "centered": True,
            "maximize": True,
        },
    },
    Adagrad: {
        "default": {},
        "tensor lr": {"lr": torch.tensor(0.05)},
        "lr decay": {"lr": 0.5, "lr_decay": 0.5},
        "weight decay": {"weight_decay": 0.1},
        "start": {"initial_accumulator_value": 0.5},
        "eps": {"eps": 0.5},
        "maximize": {"maximize": True},
        "all": {
            "lr": 0.1,
            "lr_decay": 0.1,
            "weight_decay": 0.1,
            "initial_accumulator_value": 0.1,
            "eps": 1e-2,
            "maximize": True,
        },
    },
    NAdam: {
        "default": {},
        "tensor lr": {"lr": torch.tensor(0.05)},
        "betas": {"betas": (0.5, 0.9)},
        "eps": {"eps": 1e-2},
        "weight decay": {"weight_decay": 0.1},
        "maximize": {"maximize": True},
        "decoupled decay": {"weight_decay": 0.5, "decoupled_weight_decay": True},
        "momentum decay": {"momentum_decay": 0.5},
        "all": {
            "lr": 0.05,
            "betas": (0.8, 0.5),
            "eps": 1e-2,
            "weight_decay": 0.1,
            "momentum_decay": 0.1,
            "decoupled_weight_decay": True,
            "maximize": True,
        },
    },
    RAdam: {
        "default": {},
        "tensor lr": {"lr": torch.tensor(0.05)},
        "betas": {"betas": (0.5, 0.9)},
        "eps": {"eps": 1e-2},
        "weight decay": {"weight_decay": 0.1},
        "maximize": {"maximize": True},
        "never rectified": {"betas": (0.9, 0.5)},
        "decoupled decay": {"weight_decay": 0.5, "decoupled_weight_decay": True},
        "all": {
            "lr": 0.05,
            "betas": (0.8, 0.95),
            "eps": 1e-2,
            "weight_decay": 0.1,
            "decoupled_weight_decay": True,
            "maximize": True,
        },
    },
    Adamax: {
        "default": {},
        "tensor lr": {"lr": torch.tensor(0.05)},
        "betas": {"betas": (0.5, 0.9)},
        "eps": {"eps": 1e-2},
        "weight decay": {"weight_decay": 0.1},
        "maximize": {"maximize": True},
        "all": {"lr": 0.05, "betas": (0.5, 0.9), "eps": 0.1, "weight_decay": 0.1, "maximize": True},
    },
    Adadelta: {
        "default": {},
        "tensor lr": {"lr": torch.tensor(0.5)},
        "rho": {"rho": 0.5},
        "eps": {"eps": 0.1},
        "weight decay": {"weight_decay": 0.1},
        "maximize": {"maximize": True},
        "all": {"lr": 0.5, "rho": 0.5, "eps": 1e-2, "weight_decay": 0.1, "maximize": True},
    },
    Rprop: {
        "default": {},
        "tensor lr": {"lr": torch.tensor(0.05)},
        "etas": {"etas": (0.1, 3.0)},
        "step sizes": {"step_sizes": (0.005, 0.02)},
        "maximize": {"maximize": True},
        "all": {"lr": 0.1, "etas": (0.3, 2.0), "step_sizes": (0.01, 0.5), "maximize": True},
    },
    ASGD: {
        "default": {},
        "tensor lr": {"lr": torch.tensor(0.05)},
        "lambd": {"lambd": 0.5},
        "alpha": {"lambd": 0.5, "alpha": 0.1},
        "average": {"t0": 5.0},
        "weight decay": {"weight_decay": 0.1},
        "maximize": {"maximize": True},
        "all": {
            "lr": 0.1,
            "lambd": 0.1,
            "alpha": 0.5,
            "t0": 3.0,
            "weight_decay": 0.1,
            "maximize": True,
        },
    },
}
CASES = [
    pytest.param(kind, options, id=f"{kind.__name__}, {name}")
    for kind, cases in OPTIONS.items()
    for name, options in cases.items()
]
KINDS = list(OPTIONS)
COUNTING = [kind for kind in KINDS if kind is not SGD]
DECAYING = [kind for kind in KINDS if kind is not Rprop]
FULL = {  # with all state that there can be
    SGD: {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.1},
    Adam: {"lr": 0.05, "amsgrad": True, "weight_decay": 0.1},
    AdamW: {"lr": 0.05, "amsgrad": True, "weight_decay": 0.1},
    RMSprop: {"momentum": 0.5, "centered": True, "eps": 1e-2, "weight_decay": 0.1},
    Adagrad: {"lr_decay": 0.1, "initial_accumulator_value": 0.1, "weight_decay": 0.1},
    NAdam: {"lr": 0.05, "momentum_decay": 0.1, "weight_decay": 0.1},
    RAdam: {"lr": 0.05, "betas": (0.9, 0.9), "weight_decay": 0.1},
    Adamax: {"lr": 0.05, "weight_decay": 0.1},
    Adadelta: {"lr": 0.5, "weight_decay": 0.1},
    Rprop: {"lr": 0.05},
    ASGD: {"lr": 0.05, "lambd": 0.1, "t0": 2.0, "weight_decay": 0.1},
}
GROUPS = {
    SGD: [{"momentum": 0.5, "maximize": True}, {"lr": 0.05}, {"weight_decay": 0.5}],
    Adam: [{"lr": 0.05, "maximize": True}, {"amsgrad": True}, {"weight_decay": 0.5, "eps": 0.1}],
    AdamW: [{"lr": 0.05, "maximize": True}, {"amsgrad": True}, {"weight_decay": 0.5, "eps": 0.1}],
    RMSprop: [{"momentum": 0.5, "maximize": True}, {"centered": True, "eps": 0.1}, {"alpha": 0.5}],
    Adagrad: [{"lr": 0.1, "maximize": True}, {"lr_decay": 0.5}, {"weight_decay": 0.5, "eps": 0.1}],
    NAdam: [{"lr": 0.1, "maximize": True}, {"betas": (0.5, 0.9)}, {"weight_decay": 0.5}],
    RAdam: [{"lr": 0.1, "maximize": True}, {"betas": (0.5, 0.9)}, {"weight_decay": 0.5}],
    Adamax: [{"lr": 0.1, "maximize": True}, {"betas": (0.5, 0.9)}, {"weight_decay": 0.5}],
    Adadelta: [{"lr": 0.1, "maximize": True}, {"rho": 0.5}, {"weight_decay": 0.5, "eps": 0.1}],
    Rprop: [{"lr": 0.1, "maximize": True}, {"etas": (0.1, 3.0)}, {"step_sizes": (0.01, 0.02)}],
    ASGD: [{"lr": 0.1, "maximize": True}, {"lambd": 0.5, "t0": 3.0}, {"weight_decay": 0.5}],
}
BAD_ADAM = [
    {"betas": (1.0, 0.999)},
    {"betas": (0.9, 1.0)},
    {"betas": (-0.1, 0.999)},
    {"betas": (0.9, torch.tensor(0.999))},
    {"betas": (0, 0.999)},
    {"eps": -1e-8},
    {"lr": math.nan},
]
BAD_OPTIONS = {
    SGD: [
        {"momentum": -0.5},
        {"nesterov": True},
        {"nesterov": True, "momentum": 0.5, "dampening": 0.1},
    ],
    Adam: BAD_ADAM,
    AdamW: BAD_ADAM,
    RMSprop: [{"alpha": -0.1}, {"momentum": -0.5}, {"eps": -1e-8}, {"lr": math.nan}],
    Adagrad: [{"lr_decay": -0.5}, {"initial_accumulator_value": -1}, {"eps": -1e-8}],
    NAdam: [*BAD_ADAM[:3], {"momentum_decay": -0.5}, {"eps": -1e-8}, {"lr": math.nan}],
    RAdam: [*BAD_ADAM[:3], {"eps": -1e-8}, {"lr": math.nan}],
    Adamax: [*BAD_ADAM[:3], {"eps": -1e-8}, {"lr": math.nan}],
    Adadelta: [{"rho": -0.1}, {"rho": 1.1}, {"eps": -1e-8}, {"lr": math.nan}],
    Rprop: [{"etas": (0.5, 1.0)}, {"etas": (0.0, 1.2)}, {"etas": (1.0, 1.2)}, {"lr": math.nan}],
    ASGD: [{"lr": math.nan}],
}
BAD_CASES = [
    pytest.param(kind, options, id=f"{kind.__name__}, {options}")
    for kind, cases in BAD_OPTIONS.items()
    for options in [
        *cases,
        {"lr": -1e-3},
        {"lr": torch.tensor([1e-3, 1e-3])},
        *([{"weight_decay": -0.1}] if kind in DECAYING else []),
    ]
]
OPTIONS_OF_TORCH_ALONE = {"foreach", "fused", "capturable", "differentiable"}
TORCH_CASES = {SGD: 9, Adam: 5, AdamW: 5, RMSprop: 8, Adagrad: 7} | dict.fromkeys(
    (NAdam, RAdam, Adamax, Adadelta, Rprop, ASGD), 4
)


def make_weights(dtype=torch.float64):
    generator = torch.Generator().manual_seed(0)
    shapes = [(3, 4), (1,), (), (2, 1, 5)]
    return [torch.randn(s, generator=generator, dtype=dtype, requires_grad=True) for s in shapes]


def set_gradients(weights, step):
    """Gradients that depend on the weights, differ in size, shrink, and are missing at times."""
    for index, weight in enumerate(weights):
        size = 10.0**-index / (1 + step % 7)
        at = 3 * weight.detach() + step
        # The sine of a complex number may be huge.
        wave = torch.complex(at.real.sin(), at.imag.cos()) if at.is_complex() else at.sin()
        weight.grad = size * wave
        if index == 1 and step % 3 == 0:
            weight.grad = None


def train(optimizer, steps, start=0):
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for step in range(start, start + steps):
        set_gradients(weights, step)
        optimizer.step()
    return weights


def torchs(kind):
    """Make PyTorch's own of the same name, its for-loop."""
    reference = getattr(torch.optim, kind.__name__)
    return lambda weights, **options: reference(weights, foreach=False, **options)


def takes_tensors(options):
    values = itertools.chain(*((v if isinstance(v, tuple) else (v,)) for v in options.values()))
    return any(isinstance(value, torch.Tensor) for value in values)


def test_every_optimizer_that_pytorch_has_too_is_tried_here():
    network = torch.nn.Linear(2, 1)
    sections = [each for kind, each in DEFAULT_OPTIMIZERS.items() if kind.endswith("_by_hand")]
    built = [build_optimizer(each, network.named_parameters(), {}) for each in sections]
    assert {type(each).__bases__[0] for each in built} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_of_torch_only_the_base_class_is_inherited(kind):
    of_torch = [each for each in kind.__mro__ if each.__module__.startswith("torch.")]
    assert of_torch == [torch.optim.Optimizer]


@pytest.mark.parametrize(("kind", "options"), CASES)
def test_many_steps_equal_torch_in_float64(kind, options):
    weights, references = (
        train(make(make_weights(), **options), 80) for make in (kind, torchs(kind))
    )
    # A tensor lr or beta is a float32, which torch computes with as such.
    tolerance = 1e-6 if takes_tensors(options) else 1e-12
    torch.testing.assert_close(weights, references, rtol=tolerance, atol=tolerance)


@pytest.mark.long
@pytest.mark.parametrize(("kind", "options"), CASES)
def test_twenty_steps_equal_torch_in_float32(kind, options):
    weights, references = (
        train(make(make_weights(torch.float32), **options), 20) for make in (kind, torchs(kind))
    )
    torch.testing.assert_close(weights, references, rtol=1e-6, atol=1e-6)


@pytest.mark.long
@pytest.mark.parametrize(("kind", "options"), CASES)
def test_complex_weights_equal_torch(kind, options):
    weights, references = (
        train(make(make_weights(torch.complex128), **options), 20) for make in (kind, torchs(kind))
    )
    torch.testing.assert_close(weights, references, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_each_group_uses_its_own_options(kind):
    def groups():
        first, second, third, fourth = make_weights()
        parts = zip([[first, second], [third], [fourth]], GROUPS[kind], strict=True)
        return [{"params": params, **options} for params, options in parts]

    weights, references = (train(make(groups()), 50) for make in (kind, torchs(kind)))
    torch.testing.assert_close(weights, references, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_group_added_later_counts_its_own_steps(kind):
    def train_in_two_stages(make):
        weights = make_weights()
        optimizer = make(weights[:2], **FULL[kind])
        train(optimizer, 10)
        optimizer.add_param_group({"params": weights[2:]})
        return train(optimizer, 10)

    weights, references = train_in_two_stages(kind), train_in_two_stages(torchs(kind))
    torch.testing.assert_close(weights, references, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("kind", KINDS)
def test_missing_gradient_changes_nothing(kind):
    weights = make_weights()
    optimizer = kind(weights, **FULL[kind])
    train(optimizer, 2)
    weights[1].grad = None
    before = copy.deepcopy((weights[1], optimizer.state[weights[1]]))
    optimizer.step()
    after = (weights[1], optimizer.state[weights[1]])
    torch.testing.assert_close(after, before, rtol=0, atol=0)
    assert optimizer.state[weights[0]].get("step", 3) == 3


@pytest.mark.crossed
@pytest.mark.parametrize("maximize", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_stay_as_they_are(kind, maximize):
    weights = make_weights()
    optimizer = kind(weights, maximize=maximize, **FULL[kind])
    train(optimizer, 1)
    set_gradients(weights, 1)
    before = [weight.grad.clone() for weight in weights]
    optimizer.step()
    assert all(torch.equal(weight.grad, grad) for weight, grad in zip(weights, before, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_step_without_any_gradient_changes_nothing(kind):
    optimizer = kind(make_weights(), **FULL[kind])
    before = copy.deepcopy(optimizer.state_dict())
    optimizer.step()
    torch.testing.assert_close(optimizer.param_groups[0]["params"], make_weights())
    torch.testing.assert_close(optimizer.state_dict(), before)


@pytest.mark.crossed
@pytest.mark.parametrize("steps", [0, 1, 5])
@pytest.mark.parametrize(("kind", "options"), CASES)
def test_state_has_the_form_of_torch(kind, options, steps):
    optimizer, reference = (make(make_weights(), **options) for make in (kind, torchs(kind)))
    train(optimizer, steps)
    train(reference, steps)
    state, expected = optimizer.state_dict()["state"], reference.state_dict()["state"]
    assert [list(each) for each in state.values()] == [list(each) for each in expected.values()]
    torch.testing.assert_close(state, expected)


@pytest.mark.parametrize("kind", COUNTING)
def test_steps_are_counted_exactly_for_half_precision(kind):
    weight = torch.zeros(1, dtype=torch.float16, requires_grad=True)
    weight.grad = torch.ones_like(weight)
    optimizer = kind([weight], **({} if kind in (Rprop, ASGD) else {"eps": 1e-3}))
    optimizer.step()
    assert optimizer.state[weight]["step"].dtype == torch.float32


@pytest.mark.crossed
@pytest.mark.parametrize("second", ["by hand", "torch's"])
@pytest.mark.parametrize("first", ["by hand", "torch's"])
@pytest.mark.parametrize("kind", KINDS)
def test_saved_state_goes_on_in_either_class(kind, first, second):
    makers = {"by hand": kind, "torch's": torchs(kind)}
    before = makers[first](make_weights(), **FULL[kind])
    middle = [weight.detach().clone().requires_grad_() for weight in train(before, 30)]
    after = makers[second](middle)
    after.load_state_dict(copy.deepcopy(before.state_dict()))
    # PyTorch's load float32 numbers as precise as the weights, and go on with these.
    rounds = kind in (ASGD, NAdam) and "torch's" in (first, second)
    tolerance = 1e-6 if rounds else 1e-12
    torch.testing.assert_close(
        train(after, 30, start=30), train(before, 30, start=30), rtol=tolerance, atol=tolerance
    )


@pytest.mark.parametrize("kind", KINDS)
def test_resumed_training_is_bit_identical(kind):
    unbroken = train(kind(make_weights(torch.float32), **FULL[kind]), 60)
    first = kind(make_weights(torch.float32), **FULL[kind])
    middle = [weight.detach().clone().requires_grad_() for weight in train(first, 30)]
    second = kind(middle)
    second.load_state_dict(first.state_dict())
    assert all(map(torch.equal, train(second, 30, start=30), unbroken))


@pytest.mark.parametrize("kind", KINDS)
def test_named_parameters_keep_their_names(kind):
    optimizer = kind(torch.nn.Linear(2, 1).named_parameters())
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]


@pytest.mark.parametrize("kind", KINDS)
def test_hooks_run_around_a_step(kind):
    calls = []
    optimizer = kind(make_weights())
    optimizer.register_step_pre_hook(lambda *_: calls.append("before"))
    optimizer.register_step_post_hook(lambda *_: calls.append("after"))
    train(optimizer, 1)
    assert calls == ["before", "after"]


@pytest.mark.parametrize("kind", KINDS)
def test_closure_computes_the_gradient_and_its_loss_is_returned(kind):
    def minimize(make):
        weight = torch.tensor([1.0], requires_grad=True)

        def closure():
            loss = (weight**2).sum()
            loss.backward()
            return loss

        return make([weight], lr=0.1).step(closure).item(), weight.item()

    loss, weight = minimize(kind)
    assert loss == 1.0
    assert weight == pytest.approx(minimize(torchs(kind))[1])
    assert weight < 1


@pytest.mark.crossed
@pytest.mark.parametrize("lr", [0.1, torch.tensor(0.1)], ids=["float", "tensor"])
@pytest.mark.parametrize("kind", KINDS)
def test_scheduler_changes_the_learning_rate(kind, lr):
    def train_under_scheduler(make):
        optimizer = make(make_weights(), lr=copy.deepcopy(lr))
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        for step in range(5):
            weights = train(optimizer, 1, start=step)
            scheduler.step()
        return weights

    weights, references = train_under_scheduler(kind), train_under_scheduler(torchs(kind))
    torch.testing.assert_close(weights, references)


@pytest.mark.parametrize("kind", KINDS)
def test_sparse_gradient_is_refused(kind):
    embedding = torch.nn.Embedding(3, 2, sparse=True)
    embedding(torch.tensor([1])).sum().backward()
    with pytest.raises(RuntimeError, match="sparse"):
        kind(embedding.parameters()).step()


@pytest.mark.parametrize(("kind", "options"), BAD_CASES)
def test_option_out_of_range_is_refused_as_by_torch(kind, options):
    with pytest.raises(ValueError, match=r".") as expected:
        torchs(kind)(make_weights(), **options)
    with pytest.raises(ValueError, match=r".") as found:
        kind(make_weights(), **options)
    assert str(found.value) == str(expected.value)


@pytest.fixture(scope="module")
def torch_inputs() -> types.ModuleType:
    """Load the inputs of PyTorch's own optimizer tests."""
    with pytest.MonkeyPatch.context() as patch:
        # Loading them would freeze torch.backends for all tests that follow.
        patch.setattr(torch.backends, "disable_global_flags", lambda: None)
        return importlib.import_module("torch.testing._internal.common_optimizers")


@pytest.mark.crossed
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("kind", KINDS)
def test_inputs_of_torchs_own_tests_give_torchs_weights(torch_inputs, kind, dtype):
    inputs_of = getattr(torch_inputs, f"optim_inputs_func_{kind.__name__.lower()}")
    inputs = [each.kwargs for each in inputs_of("cpu", dtype)]
    inputs = [options for options in inputs if not OPTIONS_OF_TORCH_ALONE & options.keys()]
    assert len(inputs) >= TORCH_CASES[kind]
    for options in inputs:
        weights, references = (
            train(make(make_weights(dtype), **options), 20) for make in (kind, torchs(kind))
        )
        torch.testing.assert_close(weights, references)


@pytest.mark.parametrize("kind", KINDS)
def test_error_inputs_of_torchs_own_tests_are_refused(torch_inputs, kind):
    cases_of = getattr(torch_inputs, f"optim_error_inputs_func_{kind.__name__.lower()}")
    inputs = [(case, case.optimizer_error_input) for case in cases_of("cpu", torch.float32)]
    inputs = [each for each in inputs if not OPTIONS_OF_TORCH_ALONE & each[1].kwargs.keys()]
    assert len(inputs) >= 7
    for case, given in inputs:
        catch = pytest.warns if issubclass(case.error_type, Warning) else pytest.raises
        params = make_weights() if given.params is None else given.params
        with catch(case.error_type, match=case.error_regex):
            kind(params, **given.kwargs)
