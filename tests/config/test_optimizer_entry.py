"""Contestants of compare-optimizers: sections made from those of the optimizers."""

import pytest
from pydantic import ValidationError

from nlptrain.config.dump import dump_config
from nlptrain.config.load import load_config
from nlptrain.config.optimizer import AdamWSection, SgdSection, list_optimizers
from nlptrain.config.optimizer_entry import MOST_COMBINATIONS, enter_optimizer
from nlptrain.config.training import CosineSchedule


@pytest.mark.parametrize("kind", sorted({each.type for each in list_optimizers().values()}))
def test_every_setting_of_every_optimizer_can_be_tuned_but_its_rate(kind):
    section = type(list_optimizers()[kind])
    tune = {
        name: [field.default]
        for name, field in section.model_fields.items()
        if name not in ("type", "learning_rate")
    }
    entry = enter_optimizer(kind, tune=tune)
    assert entry.tuned_values().keys() == tune.keys()
    assert entry.optimizer == section(type=kind)
    assert enter_optimizer(kind).tuned_values() == {}


def test_entry_has_the_optimizer_with_its_own_settings():
    entry = enter_optimizer("sgd", learning_rate=0.5, momentum=0.9, schedule=CosineSchedule())
    assert entry.optimizer == SgdSection(learning_rate=0.5, momentum=0.9)
    assert type(enter_optimizer("adamw").optimizer) is AdamWSection


def test_combinations_are_all_in_the_order_of_the_values():
    entry = enter_optimizer(
        "adam", tune={"betas": [[0.9, 0.99], [0.5, 0.9]], "weight_decay": [0.1, 0]}
    )
    assert [list(each.values()) for each in entry.combinations()] == [
        [[0.9, 0.99], 0.1],
        [[0.9, 0.99], 0.0],
        [[0.5, 0.9], 0.1],
        [[0.5, 0.9], 0.0],
    ]
    assert list(enter_optimizer("adam").combinations()) == [{}]


def test_more_combinations_than_anybody_means_are_refused():
    values = [number / 100 for number in range(40)]
    tune = {"momentum": values, "weight_decay": values}
    with pytest.raises(ValidationError, match=f"more than {MOST_COMBINATIONS:,} combinations"):
        enter_optimizer("sgd", tune=tune)


def test_contestants_are_dumped_as_they_are_loaded(tmp_path):
    text = (
        "comparison:\n  optimizers:\n"
        "  - {type: sgd, schedule: {type: cosine}}\n"
        "  - {type: sgd, nesterov: true, momentum: 0.5, tune: {momentum: [0.5, 0.9]}}\n"
        "  - {type: adamw, tune: {weight_decay: [0, 1e-2], betas: [[0.9, 0.999]]}}\n"
    )
    first, second = tmp_path / "c.yaml", tmp_path / "again.yaml"
    first.write_text(text)
    config = load_config(first).config
    second.write_text(dump_config(config))
    assert load_config(second, ["name=c"]).config == config
