import copy
import importlib
import math
import types

import pytest
import torch

from nlptrain.torch_nn.adam import Adam

OPTIONS = {
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
NEWER_OPTIONS = {"foreach", "fused", "capturable", "differentiable", "decoupled_weight_decay"}


def make_weights(dtype=torch.float64):
    generator = torch.Generator().manual_seed(0)
    shapes = [(3, 4), (1,), (), (2, 1, 5)]
    return [torch.randn(s, generator=generator, dtype=dtype, requires_grad=True) for s in shapes]


def set_gradients(weights, step):
    """Gradients that depend on the weights, differ in size, shrink, and are missing at times."""
    for index, weight in enumerate(weights):
        size = 10.0**-index / (1 + step % 7)
        weight.grad = size * torch.sin(3 * weight.detach() + step)
        if index == 1 and step % 3 == 0:
            weight.grad = None


def train(optimizer, steps, start=0):
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    for step in range(start, start + steps):
        set_gradients(weights, step)
        optimizer.step()
    return weights


def make_reference(weights, **options):
    return torch.optim.Adam(weights, foreach=False, **options)


def one_step(weight, gradient, **options):
    weight = torch.tensor([weight], dtype=torch.float64, requires_grad=True)
    weight.grad = torch.tensor([gradient], dtype=torch.float64)
    Adam([weight], **options).step()
    return weight.item()


def test_adam_is_a_direct_subclass_of_optimizer():
    assert Adam.__bases__ == (torch.optim.Optimizer,)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_many_steps_equal_torch_in_float64(options):
    optimizer = Adam(make_weights(), **options)
    reference = make_reference(make_weights(), **options)
    # A tensor lr or beta is a float32, which torch computes with as such.
    tolerance = 1e-6 if any(map(is_tensor_like, options.values())) else 1e-12
    torch.testing.assert_close(
        train(optimizer, 200), train(reference, 200), rtol=tolerance, atol=tolerance
    )


def is_tensor_like(option):
    return isinstance(option[0] if isinstance(option, tuple) else option, torch.Tensor)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_twenty_steps_equal_torch_in_float32(options):
    optimizer = Adam(make_weights(torch.float32), **options)
    reference = make_reference(make_weights(torch.float32), **options)
    torch.testing.assert_close(train(optimizer, 20), train(reference, 20), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_complex_weights_equal_torch(options):
    optimizer = Adam(make_weights(torch.complex128), **options)
    reference = make_reference(make_weights(torch.complex128), **options)
    torch.testing.assert_close(train(optimizer, 20), train(reference, 20), rtol=1e-6, atol=1e-6)


def test_first_step_by_hand():
    # m̂ = g and √v̂ = |g|, so w − α g / (|g| + ε) = 1 − 0.1 · 0.5 / (0.5 + 0.5).
    assert one_step(1.0, 0.5, lr=0.1, eps=0.5) == pytest.approx(0.95, abs=1e-15)


def test_second_step_by_hand():
    weight = torch.tensor([0.0], dtype=torch.float64, requires_grad=True)
    optimizer = Adam([weight], lr=1.0, betas=(0.5, 0.5), eps=0.0)
    for gradient in (1.0, 3.0):
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
    # m = 1.75 and v = 4.75, each over 0.75.
    assert weight.item() == pytest.approx(-1 - (1.75 / 0.75) / math.sqrt(4.75 / 0.75), abs=1e-12)


def test_decay_joins_the_gradient_before_the_means():
    # g = −1 + 0.25 · 2 < 0: decoupled decay would shrink the weight instead.
    assert one_step(2.0, -1.0, lr=0.1, eps=0.0, weight_decay=0.25) == pytest.approx(2.1)


def test_decay_keeps_its_sign_when_maximizing():
    # g = −(−1) + 0.75 · 2 = 2.5, against −(−1 + 1.5) = −0.5 for a flip after the decay.
    step = one_step(2.0, -1.0, lr=0.1, eps=0.0, weight_decay=0.75, maximize=True) - 2.0
    assert step == pytest.approx(-0.1)


def test_each_group_uses_its_own_options():
    def groups():
        first, second, third, fourth = make_weights()
        return [
            {"params": [first, second], "lr": 0.05, "maximize": True},
            {"params": [third], "betas": (0.5, 0.5), "amsgrad": True},
            {"params": [fourth], "weight_decay": 0.5, "eps": 1e-2},
        ]

    weights, references = train(Adam(groups()), 50), train(make_reference(groups()), 50)
    torch.testing.assert_close(weights, references, rtol=1e-12, atol=1e-12)


def test_group_added_later_counts_its_own_steps():
    def train_in_two_stages(make):
        weights = make_weights()
        optimizer = make(weights[:2], eps=1e-2)
        train(optimizer, 10)
        optimizer.add_param_group({"params": weights[2:]})
        return train(optimizer, 10)

    weights = train_in_two_stages(Adam)
    torch.testing.assert_close(weights, train_in_two_stages(make_reference), rtol=1e-12, atol=0)


def test_state_appears_with_the_first_gradient():
    weights = make_weights()
    optimizer = Adam(weights, amsgrad=True)
    weights[0].grad = torch.ones_like(weights[0])
    optimizer.step()
    assert list(optimizer.state) == [weights[0]]
    state = optimizer.state[weights[0]]
    assert list(state) == ["step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"]


def test_missing_gradient_changes_nothing():
    weights = make_weights()
    optimizer = Adam(weights, weight_decay=0.1)
    train(optimizer, 2)
    weights[1].grad = None
    before = copy.deepcopy((weights[1], optimizer.state[weights[1]]))
    optimizer.step()
    after = (weights[1], optimizer.state[weights[1]])
    torch.testing.assert_close(after, before, rtol=0, atol=0)
    assert optimizer.state[weights[0]]["step"] == 3


@pytest.mark.parametrize("maximize", [False, True])
def test_gradients_stay_as_they_are(maximize):
    weights = make_weights()
    set_gradients(weights, 1)
    before = [weight.grad.clone() for weight in weights]
    Adam(weights, weight_decay=0.1, maximize=maximize).step()
    assert all(torch.equal(weight.grad, grad) for weight, grad in zip(weights, before, strict=True))


def test_step_without_any_gradient_does_nothing():
    optimizer = Adam(make_weights())
    optimizer.step()
    assert not optimizer.state


@pytest.mark.parametrize("amsgrad", [False, True])
def test_state_has_the_form_of_torch(amsgrad):
    optimizer = Adam(make_weights(), amsgrad=amsgrad)
    reference = make_reference(make_weights(), amsgrad=amsgrad)
    train(optimizer, 5)
    train(reference, 5)
    torch.testing.assert_close(optimizer.state_dict()["state"], reference.state_dict()["state"])


def test_steps_are_counted_exactly_for_half_precision():
    weight = torch.zeros(1, dtype=torch.float16, requires_grad=True)
    weight.grad = torch.ones_like(weight)
    optimizer = Adam([weight], eps=1e-3)
    optimizer.step()
    assert optimizer.state[weight]["step"].dtype == torch.float32


@pytest.mark.parametrize("make_second", [Adam, make_reference, torch.optim.Adam])
@pytest.mark.parametrize("make_first", [Adam, make_reference])
def test_saved_state_goes_on_in_either_class(make_first, make_second):
    options = {"lr": 0.05, "amsgrad": True, "weight_decay": 0.1}
    first = make_first(make_weights(), **options)
    middle = [weight.detach().clone().requires_grad_() for weight in train(first, 30)]
    second = make_second(middle)
    second.load_state_dict(copy.deepcopy(first.state_dict()))
    torch.testing.assert_close(
        train(second, 30, start=30), train(first, 30, start=30), rtol=1e-12, atol=1e-12
    )


def test_resumed_training_is_bit_identical():
    unbroken = train(Adam(make_weights(torch.float32), amsgrad=True), 60)
    first = Adam(make_weights(torch.float32), amsgrad=True)
    middle = [weight.detach().clone().requires_grad_() for weight in train(first, 30)]
    second = Adam(middle)
    second.load_state_dict(first.state_dict())
    assert all(map(torch.equal, train(second, 30, start=30), unbroken))


def test_named_parameters_keep_their_names():
    optimizer = Adam(torch.nn.Linear(2, 1).named_parameters())
    assert optimizer.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]


def test_hooks_run_around_a_step():
    calls = []
    optimizer = Adam(make_weights())
    optimizer.register_step_pre_hook(lambda *_: calls.append("before"))
    optimizer.register_step_post_hook(lambda *_: calls.append("after"))
    train(optimizer, 1)
    assert calls == ["before", "after"]


def test_closure_computes_the_gradient_and_its_loss_is_returned():
    weight = torch.tensor([1.0], requires_grad=True)
    optimizer = Adam([weight], lr=0.1)

    def closure():
        loss = (weight**2).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 1.0
    assert weight.item() == pytest.approx(0.9)


@pytest.mark.parametrize("lr", [0.1, torch.tensor(0.1)], ids=["float", "tensor"])
def test_scheduler_changes_the_learning_rate(lr):
    def train_under_scheduler(make):
        optimizer = make(make_weights(), lr=copy.deepcopy(lr))
        scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        for step in range(5):
            weights = train(optimizer, 1, start=step)
            scheduler.step()
        return weights

    torch.testing.assert_close(train_under_scheduler(Adam), train_under_scheduler(make_reference))


def test_sparse_gradient_is_refused():
    embedding = torch.nn.Embedding(3, 2, sparse=True)
    embedding(torch.tensor([1])).sum().backward()
    with pytest.raises(RuntimeError, match="sparse"):
        Adam(embedding.parameters()).step()


@pytest.mark.parametrize(
    "options",
    [
        {"lr": -1e-3},
        {"lr": math.nan},
        {"lr": torch.tensor([1e-3, 1e-3])},
        {"eps": -1e-8},
        {"weight_decay": -0.1},
        {"betas": (1.0, 0.999)},
        {"betas": (0.9, 1.0)},
        {"betas": (-0.1, 0.999)},
        {"betas": (0.9, torch.tensor(0.999))},
        {"betas": (0, 0.999)},
    ],
    ids=str,
)
@pytest.mark.parametrize("make", [Adam, make_reference])
def test_option_out_of_range_is_refused_as_by_torch(make, options):
    with pytest.raises(ValueError, match=r"Invalid|1-element|both"):
        make(make_weights(), **options)


@pytest.fixture(scope="module")
def torch_inputs() -> types.ModuleType:
    """Load the inputs of PyTorch's own optimizer tests."""
    with pytest.MonkeyPatch.context() as patch:
        # Loading them would freeze torch.backends for all tests that follow.
        patch.setattr(torch.backends, "disable_global_flags", lambda: None)
        return importlib.import_module("torch.testing._internal.common_optimizers")


def test_inputs_of_torchs_own_tests_give_torchs_weights(torch_inputs):
    inputs = [each.kwargs for each in torch_inputs.optim_inputs_func_adam("cpu", torch.float32)]
    inputs = [options for options in inputs if not NEWER_OPTIONS & options.keys()]
    assert len(inputs) >= 5
    for options in inputs:
        optimizer = Adam(make_weights(torch.float32), **options)
        reference = make_reference(make_weights(torch.float32), **options)
        torch.testing.assert_close(train(optimizer, 20), train(reference, 20))


def test_error_inputs_of_torchs_own_tests_are_refused(torch_inputs):
    cases = torch_inputs.optim_error_inputs_func_adam("cpu", torch.float32)
    cases = [c for c in cases if not NEWER_OPTIONS & c.optimizer_error_input.kwargs.keys()]
    assert len(cases) >= 10
    for case in cases:
        catch = pytest.warns if issubclass(case.error_type, Warning) else pytest.raises
        params = case.optimizer_error_input.params or make_weights()
        with catch(case.error_type, match=case.error_regex):
            Adam(params, **case.optimizer_error_input.kwargs)
