import dataclasses

import pytest

from nlptrain.comparison.report.rules import protocol_statements
from nlptrain.comparison.results import Contestant


@pytest.fixture
def state(realistic_results):
    """Give the statements of a protocol with these changes, by id."""

    def state(**changes):
        protocol = dataclasses.replace(realistic_results.protocol, **changes)
        return {rule.id: rule.text for rule in protocol_statements(protocol)}

    return state


def test_ids_are_unique_and_every_statement_is_a_sentence(state, realistic_results):
    rules = state()
    assert len(rules) == len(protocol_statements(realistic_results.protocol))
    assert all(text[0].isupper() and text.endswith(".") for text in rules.values())


def test_budget_is_that_of_the_grid(state):
    assert state()["tuning-budget"] == (
        "Every contestant has the same tuning budget at first: 7 learning rates × 2 seeds, "
        "14 trials; the tuning seeds are 0, 1."
    )


def test_draw_of_settings_is_stated_with_its_numbers(make_tuned_results):
    protocol = make_tuned_results().protocol
    rules = {rule.id: rule.text for rule in protocol_statements(protocol)}
    assert rules["tuning-budget"].startswith(
        "Every contestant has the same tuning budget at first: 4 settings × 1 seed, 4 trials;"
    )
    assert (
        "adamw: 4 of 12 are tried (3 learning rates × 2 of weight_decay × 2 of betas). Settings"
    ) in rules["settings-drawn"]


def test_schedule_of_a_contestant_changes_no_batch(state):
    own = {"optimizer": {"type": "sgd"}, "training.schedule": {"type": "cosine"}}
    assert state(contestants=(Contestant("a", own, (0.1,)),))["same-batches"].endswith("dropout.")


def test_unequal_budgets_are_not_called_the_same(state):
    contestants = (Contestant("a", {}, (0.1,)), Contestant("b", {}, (0.1, 1.0)))
    assert state(contestants=contestants)["tuning-budget"].startswith(
        "The contestants' tuning budgets differ: 1 to 2 learning rates, each × 2 seeds"
    )


def test_widening_is_stated_with_its_limit(state):
    assert "at most 4 beyond each end" in state(max_widenings=4)["grid-widened"]
    assert state(max_widenings=0)["grid-widened"].startswith("No learning rate is added")


@pytest.mark.parametrize(
    ("tuned_by", "words"),
    [
        ("accuracy", "highest mean validation accuracy"),
        ("macro_f1", "highest mean validation macro F1"),
        ("loss", "lowest mean validation loss"),
    ],
)
def test_score_that_chooses_is_named(state, tuned_by, words):
    assert words in state(tuned_by=tuned_by)["tuned-on-validation"]


def test_final_seeds_are_listed(state):
    assert "on 5 seeds (2 to 6); none of them was used" in state()["final-seeds"]
    assert "on 2 seeds (3, 9); none" in state(final_seeds=(3, 9))["final-seeds"]


def test_without_tuning_nothing_is_said_of_it(state):
    rules = state(tuning_seeds=())
    assert "no-tuning" in rules
    assert not {"tuning-budget", "grid-widened", "tuned-on-validation"} & set(rules)
    assert not any("tuning" in text for id_, text in rules.items() if id_ != "no-tuning")


def test_target_is_named(state):
    assert "a validation accuracy of 92.5 %" in state(target_accuracy=0.925)["target-fixed"]


def test_few_seeds_are_said_to_tell_nothing(state):
    assert state(final_seeds=(7, 8, 9))["family"].endswith(
        "That takes 11 seeds or more; with 3 here, none is."
    )
    assert state(final_seeds=tuple(range(11)))["family"].endswith("takes 11 seeds or more.")


def test_family_is_named(state):
    assert "Holm's correction over all 28 pairs, is at most 0.05" in state()["family"]


@pytest.mark.parametrize(("count", "words"), [(5, "all 32 of them"), (15, "65,536 random of them")])
def test_number_of_sign_flips_is_named(state, count, words):
    assert words in state(final_seeds=tuple(range(count)))["differences-paired"]


def test_what_is_negligible_is_named(state):
    rule = state(negligible_accuracy=0.01, negligible_steps=0.25)["negligible"]
    assert "up to 1 points of accuracy or 25 % of the steps" in rule


@pytest.mark.parametrize(
    ("rank_by", "words"),
    [
        ("auto", "both solve the task are compared by steps to the target, any others by test acc"),
        ("accuracy", "All contestants are compared by test accuracy"),
        ("steps", "All contestants are compared by steps to the target"),
        ("loss", "All contestants are compared by test loss"),
    ],
)
def test_what_compares_is_named(state, rank_by, words):
    assert words in state(rank_by=rank_by)["compared-by"]


@pytest.mark.parametrize(
    ("settings", "limited"),
    [
        ({"optimizer": {}}, set()),
        ({"training": {}}, {"same-batches"}),
        ({"model": {}}, {"same-start", "same-batches"}),
        ({"data.task.type": "x"}, {"same-start", "same-batches", "same-data"}),
    ],
)
def test_what_a_contestant_sets_is_not_called_the_same(state, settings, limited):
    rules = state(contestants=(Contestant("a", settings, (0.1,)),))
    plain = state()
    sameness = {"same-start", "same-batches", "same-data"}
    assert {id_ for id_ in sameness if rules[id_] != plain[id_]} == limited
