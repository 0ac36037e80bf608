import re
from functools import partial

import pytest

from nlptrain.comparison.protocol.contestants import (
    enter_optimizers,
    enter_variations,
    name_optimizers,
)
from nlptrain.comparison.results import Candidate
from nlptrain.config.optimizer import AdamSection
from nlptrain.config.optimizer_entry import enter_optimizer
from nlptrain.config.training import CosineSchedule, LinearSchedule
from nlptrain.errors import ConfigError

SGD, ADAM = partial(enter_optimizer, "sgd"), partial(enter_optimizer, "adam")


@pytest.fixture
def enter(make_config):
    """Enter optimizers written in YAML, with more overrides."""

    def run(optimizers, *overrides, one_code=True):
        config = make_config(f"comparison.optimizers=[{optimizers}]", *overrides)
        return enter_optimizers(config, one_code=one_code)

    return run


def names(entries):
    return [entry.contestant.name for entry in entries]


@pytest.mark.parametrize(
    ("optimizers", "expected"),
    [
        ((SGD(), ADAM()), ["sgd", "adam"]),
        ((SGD(), SGD(momentum=0.9)), ["sgd", "sgd (momentum 0.9)"]),
        (
            (SGD(momentum=0.9), SGD(momentum=0.9, nesterov=True)),
            ["sgd", "sgd (nesterov)"],
        ),
        (
            (SGD(learning_rate=1.0), SGD(learning_rate=0.5, momentum=0.9)),
            ["sgd (learning_rate 1.0)", "sgd (learning_rate 0.5, momentum 0.9)"],
        ),
        (
            (SGD(), SGD(schedule=CosineSchedule())),
            ["sgd", "sgd (cosine)"],
        ),
        (
            (SGD(schedule=CosineSchedule()), ADAM()),
            ["sgd (cosine)", "adam"],
        ),
        (
            (
                SGD(schedule=CosineSchedule(), momentum=0.9),
                SGD(schedule=CosineSchedule(warmup_steps=5)),
                SGD(schedule=LinearSchedule()),
            ),
            [
                "sgd (momentum 0.9, cosine, warmup_steps 0)",
                "sgd (cosine, warmup_steps 5)",
                "sgd (linear)",
            ],
        ),
        (
            (SGD(schedule=CosineSchedule()), ADAM(schedule=CosineSchedule())),
            ["sgd", "adam"],
        ),
        (
            (ADAM(), ADAM(eps=0.5, tune={"eps": (0.5, 0.1), "amsgrad": (True, False)})),
            ["adam", "adam (tuned eps, amsgrad)"],
        ),
        (
            (ADAM(), SGD(), ADAM()),
            ["adam (number 1)", "sgd", "adam (number 3)"],
        ),
    ],
)
def test_optimizers_are_named_by_what_tells_them_apart(optimizers, expected):
    assert name_optimizers(optimizers) == expected


def test_each_optimizer_is_entered_with_a_grid_around_its_own_rate(enter):
    sgd, adam = enter("{type: sgd, learning_rate: 1.0}, {type: adam}", "comparison.trials=3")
    assert sgd.contestant.grid == (0.316, 1.0, 3.16)
    assert adam.contestant.grid == (0.000316, 0.001, 0.00316)
    assert adam.contestant.settings == {"optimizer": AdamSection().model_dump()}
    assert (sgd.config.optimizer.type, adam.config.optimizer) == ("sgd", AdamSection())


def test_tuned_values_are_drawn_with_the_learning_rates(enter):
    tune = "{weight_decay: [0, 1e-2], betas: [[0.9, 0.999], [0.9, 0.99]]}"
    sgd, adamw = enter(f"{{type: sgd}}, {{type: adamw, tune: {tune}}}", "comparison.trials=7")
    assert sgd.contestant.candidates == [Candidate(rate) for rate in sgd.contestant.grid]
    drawn = adamw.contestant.candidates
    assert [each.learning_rate for each in drawn] == list(adamw.contestant.grid)
    assert adamw.contestant.tune == {
        "betas": [[0.9, 0.999], [0.9, 0.99]],
        "weight_decay": [0.0, 0.01],
    }
    for name, values in adamw.contestant.tune.items():
        assert [each.settings[name] in values for each in drawn] == [True] * 7
    settled = {"type": "adamw", "learning_rate": 0.001, "eps": 1e-8, "amsgrad": False}
    assert adamw.contestant.settings == {"optimizer": settled}


def test_schedule_of_a_contestant_takes_the_place_of_the_configs(enter):
    sgd, adam = enter(
        "{type: sgd, schedule: {type: cosine}}, {type: adam}", "training.schedule={type: linear}"
    )
    assert sgd.config.training.schedule == CosineSchedule()
    assert sgd.contestant.settings["training.schedule"] == CosineSchedule().model_dump()
    assert adam.config.training.schedule == LinearSchedule()
    assert adam.contestant.settings.keys() == {"optimizer"}


def test_one_trial_means_no_grid(enter):
    assert enter("{type: sgd}", "comparison.trials=1")[0].contestant.grid == ()


@pytest.mark.parametrize("kind", ["adam", "adamw", "rmsprop", "adagrad", "nadam", "asgd"])
def test_twins_take_part_once_where_they_are_one_code(enter, kind):
    twins = f"{{type: {kind}}}, {{type: sgd}}, {{type: {kind}_by_hand}}"
    assert names(enter(twins)) == [f"{kind} = {kind}_by_hand", "sgd"]
    assert names(enter(twins, one_code=False)) == [kind, "sgd", f"{kind}_by_hand"]


@pytest.mark.parametrize("own", ["schedule: {type: cosine}", "tune: {eps: [1e-8, 1e-3]}"])
def test_adams_of_other_schedule_or_tuning_are_no_twins(enter, own):
    assert len(enter(f"{{type: adam}}, {{type: adam_by_hand, {own}}}")) == 2
    assert len(enter(f"{{type: adam, {own}}}, {{type: adam_by_hand, {own}}}")) == 1


def test_adams_of_other_settings_are_no_twins(enter):
    entries = enter("{type: adam}, {type: adam_by_hand, eps: 1e-3}, {type: adam_by_hand}")
    assert names(entries) == [
        "adam = adam_by_hand (eps 1e-08)",
        "adam_by_hand (eps 0.001)",
    ]


def test_variations_are_all_combinations(engine):
    varied = ["model.encoder.type=pooling, rnn", "training.batch_size=20,64"]
    entries = enter_variations("rnn", [f"engine={engine}", "seed=3"], varied)
    assert names(entries) == [
        "type pooling, batch_size 20",
        "type pooling, batch_size 64",
        "type rnn, batch_size 20",
        "type rnn, batch_size 64",
    ]
    third = entries[2]
    assert third.contestant.settings == {"model.encoder.type": "rnn", "training.batch_size": "20"}
    assert third.contestant.grid == ()
    config = third.config
    assert (config.model.encoder.type, config.training.batch_size, config.seed) == ("rnn", 20, 3)


def test_values_may_have_commas_of_their_own():
    kernels = "model.encoder={type: cnn, kernel_sizes: [2, 3]},{type: cnn, kernel_sizes: [4]}"
    entries = enter_variations("cnn", [], [kernels])
    assert [entry.config.model.encoder.kernel_sizes for entry in entries] == [(2, 3), (4,)]


def test_keys_that_end_alike_are_named_by_more_of_their_parts():
    varied = ["model.encoder.type=rnn", "optimizer.type=sgd,adam"]
    assert names(enter_variations("rnn", [], varied))[0] == "encoder.type rnn, optimizer.type sgd"


@pytest.mark.parametrize(
    "varied", ["model.encoder.type", "=rnn", "model.encoder.type=", "seed=1,,2", "seed=1,", ""]
)
def test_variation_of_another_form_is_refused_with_an_example(varied):
    with pytest.raises(ConfigError, match=r"^--vary .*: write --vary key.path=value,value, for ex"):
        enter_variations("rnn", [], [varied])


@pytest.mark.parametrize(
    ("varied", "problem"),
    [
        (["seed=1,2", "seed=3"], "--vary seed: stands there twice"),
        (["seed=1,2, 1"], "--vary seed=1,2, 1: a value stands there twice"),
        (
            [f"training.epochs={','.join(map(str, range(1, 202)))}"],
            "--vary makes 201 combinations, and 200 are the most; vary fewer",
        ),
    ],
)
def test_variations_that_nobody_means_are_refused(varied, problem):
    with pytest.raises(ConfigError) as refusal:
        enter_variations("rnn", [], varied)
    assert str(refusal.value).startswith(problem)


@pytest.mark.parametrize(
    ("varied", "problem"),
    [
        ("model.encoder.type=rnn,lstmm", "'lstmm' is not one of pooling, rnn"),
        ("model.encoder.typ=rnn", "did you mean 'type'?"),
    ],
)
def test_invalid_combination_gives_the_configs_own_error(varied, problem):
    with pytest.raises(ConfigError, match=re.escape(problem)):
        enter_variations("rnn", [], [varied])
