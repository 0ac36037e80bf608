import copy
import inspect

import pytest
import torch

from nlptrain.config.optimizer import (
    AdagradSection,
    AdamByHandSection,
    AdamSection,
    AdamWSection,
    RmspropSection,
    SgdSection,
)
from nlptrain.torch_nn.adam import Adam
from nlptrain.torch_nn.optimizer import build_optimizer

# Short means, so that the largest second mean is not always the last.
ADAM_OPTIONS = {"eps": 1e-2, "weight_decay": 0.1, "amsgrad": True, "betas": (0.8, 0.5)}
SECTIONS = {
    "sgd": SgdSection(),
    "sgd with momentum": SgdSection(
        learning_rate=0.01, momentum=0.9, nesterov=True, weight_decay=0.1
    ),
    "adam": AdamSection(learning_rate=0.01),
    "adam with all": AdamSection(learning_rate=0.05, **ADAM_OPTIONS),
    "adam_by_hand": AdamByHandSection(learning_rate=0.01),
    "adam_by_hand with all": AdamByHandSection(learning_rate=0.05, **ADAM_OPTIONS),
    "adamw": AdamWSection(learning_rate=0.01),
    "adamw with all": AdamWSection(learning_rate=0.05, **ADAM_OPTIONS),
    "rmsprop": RmspropSection(),
    "rmsprop with all": RmspropSection(
        alpha=0.9, eps=1e-2, weight_decay=0.1, momentum=0.5, centered=True
    ),
    "adagrad": AdagradSection(),
    "adagrad with all": AdagradSection(
        learning_rate=0.1,
        lr_decay=0.1,
        weight_decay=0.1,
        initial_accumulator_value=0.5,
        eps=1e-2,
    ),
}
REFERENCES = {
    AdamSection: torch.optim.Adam,
    AdamByHandSection: torch.optim.Adam,
    AdamWSection: torch.optim.AdamW,
    RmspropSection: torch.optim.RMSprop,
    AdagradSection: torch.optim.Adagrad,
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
    if isinstance(section, SgdSection):
        return torch.optim.SGD(
            parameters,
            lr=section.learning_rate,
            momentum=section.momentum,
            nesterov=section.nesterov,
            weight_decay=section.weight_decay,
        )
    options = section.model_dump(exclude={"type", "learning_rate"})
    return REFERENCES[type(section)](parameters, lr=section.learning_rate, **options)


@pytest.mark.parametrize(
    ("section", "kind"),
    [
        (SgdSection(), torch.optim.SGD),
        (AdamSection(), torch.optim.Adam),
        (AdamByHandSection(), Adam),
        (AdamWSection(), torch.optim.AdamW),
        (RmspropSection(), torch.optim.RMSprop),
        (AdagradSection(), torch.optim.Adagrad),
    ],
)
def test_each_section_builds_its_optimizer(section, kind):
    assert isinstance(build_optimizer(section, make_network().named_parameters()), kind)


@pytest.mark.parametrize("section", SECTIONS.values(), ids=SECTIONS)
def test_every_setting_reaches_the_updates(section):
    network, other = make_network(), make_network()
    parameters = train(network, build_optimizer(section, network.named_parameters()), 10)
    references = train(other, make_reference(section, other.parameters()), 10)
    torch.testing.assert_close(parameters, references, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("section", SECTIONS.values(), ids=SECTIONS)
def test_restored_optimizer_goes_on_bit_for_bit(section):
    network, other = make_network(), make_network()
    optimizer = build_optimizer(section, network.named_parameters())
    train(network, optimizer, 7)
    other.load_state_dict(network.state_dict())
    restored = build_optimizer(section, other.named_parameters())
    restored.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    parameters, expected = train(other, restored, 7), train(network, optimizer, 7)
    assert all(torch.equal(parameters[name], expected[name]) for name in expected)


@pytest.mark.parametrize("section", [kind() for kind in REFERENCES])
def test_steps_are_counted_in_tensors(section):
    network = make_network()
    optimizer = build_optimizer(section, network.named_parameters())
    train(network, optimizer, 3)
    counts = [state["step"] for state in optimizer.state.values()]
    assert all(torch.equal(count, torch.tensor(3.0)) for count in counts)


@pytest.mark.parametrize("section", SECTIONS.values(), ids=SECTIONS)
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


@pytest.mark.parametrize("kind", [*REFERENCES, SgdSection])
def test_defaults_are_torchs(kind):
    section = kind()
    optimizer = make_reference(section, make_network().parameters())
    defaults = inspect.signature(type(optimizer)).parameters
    for name, value in section.model_dump(exclude={"type"}).items():
        if (kind, name) != (SgdSection, "learning_rate"):  # torch's 0.001 is of no use alone
            torch_name = {"learning_rate": "lr"}.get(name, name)
            assert value == defaults[torch_name].default, name
