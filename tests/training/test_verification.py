import math

import pytest

from nlptrain.config.load import load_config
from nlptrain.numpy_nn import linear, optimizers
from nlptrain.training import numpy_learner
from nlptrain.training.verification import verify

SMALL = [
    "data.sizes.train=200",
    "data.sizes.validation=20",
    "data.sizes.test=20",
    "training.batch_size=16",
]
SETTINGS = {
    "pooling": ("pooling",),
    "rnn": ("rnn",),
    "cnn": ("cnn",),
    "lstm": ("lstm", "model.encoder.hidden_size=8"),
    "gru": ("rnn", "model.encoder={cell: gru, num_layers: 2, bidirectional: true}"),
    "batch norm": ("cnn", "model.normalization=batch"),
    "frozen embedding": ("rnn", "model.embedding.frozen=true"),
    "dropout": ("rnn", "model.dropout=0.5"),
    "class weights": ("rnn", "training.class_weights=balanced"),
    "label smoothing": ("rnn", "training.label_smoothing=0.1"),
    "sgd": ("sgd", "training.max_grad_norm=0.01"),
    "engine of the config": ("rnn", "engine=numpy", "training.dtype=float32"),
    "device of the config": ("rnn", "device=cuda:7"),
}


def run(name="rnn", *overrides, **options):
    return verify(load_config(name, [*SMALL, *overrides]).config, **options).deviations


def failed(deviations):
    return [(each.quantity, each.array) for each in deviations if not each.passed]


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_engines_agree_in_float64(settings):
    deviations = run(*settings, steps=3)
    assert failed(deviations) == []
    assert all(each.absolute < 1e-10 for each in deviations)


@pytest.mark.parametrize("name", ["pooling", "rnn", "cnn", "sgd"])
def test_engines_agree_in_float32_but_for_rounding(name):
    deviations = run(name, dtype="float32")
    assert failed(deviations) == []
    assert max(each.absolute for each in deviations) > 1e-12


def test_every_gradient_and_update_is_compared():
    quantities = [(each.quantity, each.array) for each in run("pooling", steps=2)]
    assert quantities[:2] == [("logits", ""), ("loss", "")]
    arrays = ("embedding.weight", "head.0.weight", "head.0.bias")
    assert quantities[2:5] == [("gradient", name) for name in arrays]
    updates = [quantity for quantity, _ in quantities[5:]]
    assert updates == ["parameters after 1 update", "parameters after 2 updates"]


def test_updates_go_on_into_the_next_epoch():
    deviations = run("pooling", "training.batch_size=150", steps=5)
    assert deviations[-1].quantity == "parameters after 5 updates"
    assert failed(deviations) == []


def test_frozen_embedding_has_no_gradient_to_compare():
    arrays = [each.array for each in run("pooling", "model.embedding.frozen=true", steps=1)]
    assert arrays[2:4] == ["head.0.weight", "head.0.bias"]


def test_relative_deviation_is_to_the_largest_number(monkeypatch):
    shift_logits(monkeypatch, 0.5)
    logits = run(steps=1)[0]
    assert logits.absolute == pytest.approx(0.5)
    assert logits.relative == pytest.approx(logits.absolute / logits.allowed * 1e-12)


def shift_logits(monkeypatch, by):
    logits = numpy_learner.Classifier.logits
    shifted = lambda *arguments: logits(*arguments) + by  # noqa: E731
    monkeypatch.setattr(numpy_learner.Classifier, "logits", shifted)


@pytest.mark.parametrize("by", [1e-9, math.nan])
def test_wrong_or_missing_logits_fail_alone(monkeypatch, by):
    shift_logits(monkeypatch, by)
    assert failed(run(steps=1)) == [("logits", "")]


def test_gradient_of_the_wrong_sign_fails_under_its_name(monkeypatch):
    right = linear.linear

    def wrong(x, weight, bias):
        y, backward = right(x, weight, bias)

        def wrong_backward(grad):
            grad_x, grads = backward(grad)
            return grad_x, grads | {"bias": -grads["bias"]}

        return y, wrong_backward

    monkeypatch.setattr(linear, "linear", wrong)
    expected = [("gradient", "head.0.bias"), ("parameters after 1 update", "head.0.bias")]
    assert failed(run(steps=1)) == expected


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_adam_that_adds_another_eps_fails_after_its_first_update(monkeypatch, dtype):
    right = optimizers.Adam
    wrong = lambda p, **rest: right(p, **rest | {"eps": 1e-3})  # noqa: E731
    monkeypatch.setitem(optimizers.CLASSES, "adam", wrong)
    quantities = [quantity for quantity, _ in failed(run(steps=2, dtype=dtype))]
    assert quantities == ["parameters after 1 update", "parameters after 2 updates"]


def test_dropout_mask_of_another_step_fails_from_the_first_loss_on(monkeypatch):
    right = numpy_learner.dropout_mask
    later = lambda *shape, step, **rest: right(*shape, step=step + 1, **rest)  # noqa: E731
    monkeypatch.setattr(numpy_learner, "dropout_mask", later)
    deviations = run("rnn", "model.dropout=0.5", steps=1)
    quantities = [quantity for quantity, _ in failed(deviations)]
    assert quantities[0] == "loss"
    assert quantities[-1] == "parameters after 1 update"


def test_parameters_that_run_away_in_both_engines_fail():
    overrides = ("optimizer={type: sgd, learning_rate: 1e300, momentum: 0.9}",)
    last = run("pooling", *overrides, steps=4)[-1]
    assert not last.passed
    assert math.isnan(last.absolute)


@pytest.mark.parametrize("optimizer", ["rprop", "lion"])
def test_step_by_the_sign_of_rounding_error_is_left_out(optimizer):
    # A bias before a normalization has no effect, so its gradient is rounding error alone.
    assert failed(run(*SETTINGS["batch norm"], f"optimizer.type={optimizer}", steps=3)) == []
