import copy
import inspect

import pytest
import torch

from every_kind import DEFAULT_OPTIMIZERS, OPTIMIZERS
from nlptrain.numpy_nn.optimizers import list_state_shapes
from nlptrain.torch_nn.optimizer import build_optimizer
from nlptrain.torch_nn.optimizer_by_hand import OptimizerByHand


def make_network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Embedding(5, 3), torch.nn.Linear(3, 2))


def build(section, network):
    return build_optimizer(section, network.named_parameters(), {"1.weight": 1})


def namesake(kind):
    """Find PyTorch's class of a type."""
    return getattr(torch.optim, type(build(DEFAULT_OPTIMIZERS[kind], make_network())).__name__)


OF_TORCH = [
    kind for kind in DEFAULT_OPTIMIZERS if f"{kind}_by_hand" in OPTIMIZERS or "_by_hand" in kind
]
"""The types that PyTorch has too; test_optimizers_without_torch.py has the references of others."""
COUNTING = [
    kind
    for kind in DEFAULT_OPTIMIZERS
    if "step.1.bias" in list_state_shapes({"type": kind}, {"1.bias": (2,)}, {})
]


def train(network, optimizer, steps):
    for _ in range(steps):
        network.zero_grad()
        network(torch.tensor([0, 1, 1, 4])).square().mean().backward()
        optimizer.step()
    return dict(network.named_parameters())


def make_reference(section, parameters):
    options = section.model_dump(exclude={"type", "learning_rate"})
    return namesake(section.type)(parameters, lr=section.learning_rate, **options)


@pytest.mark.parametrize("kind", DEFAULT_OPTIMIZERS)
def test_each_type_builds_its_optimizer(kind):
    optimizer = build(DEFAULT_OPTIMIZERS[kind], make_network())
    letters = kind.removesuffix("_by_hand").replace("_", "")
    assert sorted(type(optimizer).__name__.lower()) == sorted(letters)
    by_hand = kind.endswith("_by_hand") or kind not in OF_TORCH
    assert isinstance(optimizer, OptimizerByHand if by_hand else namesake(kind))


@pytest.mark.parametrize(
    "section", [each for each in OPTIMIZERS.values() if each.type in OF_TORCH], ids=str
)
def test_every_setting_reaches_the_updates(section):
    network, other = make_network(), make_network()
    parameters = train(network, build(section, network), 10)
    references = train(other, make_reference(section, other.parameters()), 10)
    torch.testing.assert_close(parameters, references, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("section", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_restored_optimizer_goes_on_bit_for_bit(section):
    network, other = make_network(), make_network()
    optimizer = build(section, network)
    train(network, optimizer, 7)
    other.load_state_dict(network.state_dict())
    restored = build(section, other)
    restored.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    parameters, expected = train(other, restored, 7), train(network, optimizer, 7)
    assert all(torch.equal(parameters[name], expected[name]) for name in expected)


@pytest.mark.parametrize("kind", COUNTING)
def test_steps_are_counted_in_tensors(kind):
    network = make_network()
    optimizer = build(DEFAULT_OPTIMIZERS[kind], network)
    train(network, optimizer, 3)
    counts = [state["step"] for state in optimizer.state.values() if "step" in state]
    assert counts
    assert all(torch.equal(count, torch.tensor(3.0)) for count in counts)


@pytest.mark.parametrize("section", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_frozen_parameter_is_left_out(section):
    network = make_network()
    network[0].weight.requires_grad_(False)
    optimizer = build(section, network)
    assert optimizer.param_groups[0]["param_names"] == ["1.weight", "1.bias"]


@pytest.mark.parametrize(
    "kind", [kind for kind in OF_TORCH if not kind.endswith("_by_hand") and kind != "asgd"]
)
def test_torchs_optimizers_run_their_fastest_way_on_the_cpu(kind):
    optimizer = build(DEFAULT_OPTIMIZERS[kind], make_network())
    takes_fused = "fused" in inspect.signature(namesake(kind)).parameters
    assert optimizer.param_groups[0]["fused" if takes_fused else "foreach"]


@pytest.mark.parametrize("kind", OF_TORCH)
def test_defaults_are_torchs(kind):
    defaults = inspect.signature(namesake(kind)).parameters
    for name, value in DEFAULT_OPTIMIZERS[kind].model_dump(exclude={"type"}).items():
        if kind.startswith("sgd") and name == "learning_rate":  # torch's 0.001 is of no use alone
            continue
        torch_name = {"learning_rate": "lr"}.get(name, name)
        assert value == defaults[torch_name].default, name
