import copy
import inspect

import pytest
import torch

from every_kind import OPTIMIZERS
from nlptrain.config.optimizer import (
    AdagradByHandSection,
    AdagradSection,
    AdamByHandSection,
    AdamSection,
    AdamWByHandSection,
    AdamWSection,
    RmspropByHandSection,
    RmspropSection,
    SgdByHandSection,
    SgdSection,
    SgdSettings,
)
from nlptrain.torch_nn.adagrad import Adagrad
from nlptrain.torch_nn.adam import Adam
from nlptrain.torch_nn.adamw import AdamW
from nlptrain.torch_nn.optimizer import build_optimizer
from nlptrain.torch_nn.rmsprop import RMSprop
from nlptrain.torch_nn.sgd import SGD

REFERENCES = {
    SgdSection: torch.optim.SGD,
    AdamSection: torch.optim.Adam,
    AdamWSection: torch.optim.AdamW,
    RmspropSection: torch.optim.RMSprop,
    AdagradSection: torch.optim.Adagrad,
}
BY_HAND = {
    SgdByHandSection: SGD,
    AdamByHandSection: Adam,
    AdamWByHandSection: AdamW,
    RmspropByHandSection: RMSprop,
    AdagradByHandSection: Adagrad,
}
NAMESAKES = REFERENCES | {
    section: getattr(torch.optim, kind.__name__) for section, kind in BY_HAND.items()
}


def make_network():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Embedding(5, 3), torch.nn.Linear(3, 2))


def train(network, optimizer, steps):
    for _ in range(steps):
        network.zero_grad()
        network(torch.tensor([0, 1, 1, 4])).square().sum().backward()
        optimizer.step()
    return dict(network.named_parameters())


def make_reference(section, parameters):
    options = section.model_dump(exclude={"type", "learning_rate"})
    return NAMESAKES[type(section)](parameters, lr=section.learning_rate, **options)


@pytest.mark.parametrize(("section", "kind"), (REFERENCES | BY_HAND).items())
def test_each_section_builds_its_optimizer(section, kind):
    assert isinstance(build_optimizer(section(), make_network().named_parameters()), kind)


@pytest.mark.parametrize("section", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_every_setting_reaches_the_updates(section):
    network, other = make_network(), make_network()
    parameters = train(network, build_optimizer(section, network.named_parameters()), 10)
    references = train(other, make_reference(section, other.parameters()), 10)
    torch.testing.assert_close(parameters, references, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("section", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_restored_optimizer_goes_on_bit_for_bit(section):
    network, other = make_network(), make_network()
    optimizer = build_optimizer(section, network.named_parameters())
    train(network, optimizer, 7)
    other.load_state_dict(network.state_dict())
    restored = build_optimizer(section, other.named_parameters())
    restored.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    parameters, expected = train(other, restored, 7), train(network, optimizer, 7)
    assert all(torch.equal(parameters[name], expected[name]) for name in expected)


@pytest.mark.parametrize(
    "section", [kind() for kind in NAMESAKES if not issubclass(kind, SgdSettings)]
)
def test_steps_are_counted_in_tensors(section):
    network = make_network()
    optimizer = build_optimizer(section, network.named_parameters())
    train(network, optimizer, 3)
    counts = [state["step"] for state in optimizer.state.values()]
    assert all(torch.equal(count, torch.tensor(3.0)) for count in counts)


@pytest.mark.parametrize("section", OPTIMIZERS.values(), ids=OPTIMIZERS)
def test_frozen_parameter_is_left_out(section):
    network = make_network()
    network[0].weight.requires_grad_(False)
    optimizer = build_optimizer(section, network.named_parameters())
    assert optimizer.param_groups[0]["param_names"] == ["1.weight", "1.bias"]


@pytest.mark.parametrize(
    ("section", "implementation"),
    [
        (SgdSection(), "fused"),
        (AdamSection(), "fused"),
        (AdamWSection(), "fused"),
        (RmspropSection(), "foreach"),
        (AdagradSection(), "fused"),
    ],
)
def test_torchs_optimizers_run_their_fastest_way_on_the_cpu(section, implementation):
    optimizer = build_optimizer(section, make_network().named_parameters())
    assert optimizer.param_groups[0][implementation]


@pytest.mark.parametrize("kind", NAMESAKES)
def test_defaults_are_torchs(kind):
    section = kind()
    optimizer = make_reference(section, make_network().parameters())
    defaults = inspect.signature(type(optimizer)).parameters
    for name, value in section.model_dump(exclude={"type"}).items():
        if not (
            issubclass(kind, SgdSettings) and name == "learning_rate"
        ):  # torch's 0.001 is of no use alone
            torch_name = {"learning_rate": "lr"}.get(name, name)
            assert value == defaults[torch_name].default, name
