"""What the report says about its protocol is what the code does."""

import pytest

from nlptrain.comparison.encoders.entries import enter_encoders
from nlptrain.comparison.encoders.matrix import FALSE_ALARM, GUESSING
from nlptrain.comparison.encoders.rules import matrix_statements
from nlptrain.comparison.run import build_protocol


@pytest.fixture
def rules(make_encoders_config):
    def state(*overrides):
        config = make_encoders_config(*overrides)
        protocol = build_protocol(enter_encoders(config)[0], config)
        return {rule.id: rule.text for rule in matrix_statements(protocol)}

    return state


def test_rules_are_those_of_a_matrix_and_none_of_a_ranking(rules):
    assert list(rules()) == [
        "same-start",
        "same-batches",
        "same-data",
        "no-tuning",
        "final-seeds",
        "test-read-once",
        "one-setting",
        "cell",
        "verdicts",
        "alone",
        "other-lengths",
        "ceilings",
        "ceiling-check",
    ]


def test_rules_name_the_configs_own_numbers(rules):
    stated = rules("comparison.target_accuracy=0.97")
    assert "every seed scores 97 % or more" in stated["verdicts"]
    assert f"in {GUESSING:.0%} of such matrices" in stated["verdicts"]
    assert f"fewer than {FALSE_ALARM:.0%} of matrices" in stated["ceiling-check"]
    assert "on 2 seeds" in stated["final-seeds"]


def test_tuned_learning_rates_are_no_shared_setting(rules):
    assert "tuned for each cell" not in rules()["one-setting"]
    stated = rules("comparison.trials=3")
    assert "tuned for each cell" in stated["one-setting"]
    assert "3 learning rates × 1 seed" in stated["tuning-budget"]


def test_cells_of_a_task_share_all_but_the_encoder(make_encoders_config):
    entries, _ = enter_encoders(make_encoders_config())
    for one, other in (entries[:2], entries[2:]):
        for section in ("data", "text", "optimizer", "training", "seed", "engine"):
            assert getattr(one.config, section) == getattr(other.config, section)
        shared = ("embedding", "head", "dropout", "loss")
        assert [getattr(one.config.model, part) for part in shared] == [
            getattr(other.config.model, part) for part in shared
        ]
