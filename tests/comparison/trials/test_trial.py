import json

import numpy as np
import pytest

import nlptrain
from nlptrain.comparison.trials.trial import Trial, prepare_for, run_trials
from nlptrain.config.optimizer import AdamSection, SgdSection
from nlptrain.datasets.other_lengths import draw_other_lengths
from nlptrain.training.run import start


@pytest.fixture
def try_out(make_config):
    """Run a trial of an optimizer, final and of seed 0 unless said otherwise."""

    def run(optimizer, *overrides, stage="final", seed=0):
        config = make_config(*overrides).model_copy(update={"optimizer": optimizer})
        return run_trials([Trial("one", stage, config, seed)])[0]

    return run


def test_adam_by_hand_learns_as_adam_does(try_out):
    settings = "training.dtype=float64", "training.epochs=6"
    adam, by_hand = (
        try_out(AdamSection(type=kind, learning_rate=0.01), *settings)
        for kind in ("adam", "adam_by_hand")
    )
    np.testing.assert_allclose(by_hand.train_losses, adam.train_losses, rtol=0, atol=1e-9)
    np.testing.assert_allclose(by_hand.validation_losses, adam.validation_losses, atol=1e-9)
    assert by_hand.test_accuracy == adam.test_accuracy


@pytest.mark.parametrize("members", [1, 3])
def test_trial_is_the_training_of_the_same_config(make_config, tmp_path, members):
    overrides = ("seed=3", "training.epochs=4", f"training.members={members}")
    config = make_config("logging.tensorboard=false", *overrides)
    record = run_trials([Trial("one", "final", config, seed=3)])[0]
    outcome = start(config, runs_dir=tmp_path, command="")
    lines = map(json.loads, outcome.folder.metrics_path.read_text().splitlines())
    evaluations = [line for line in lines if line["kind"] == "evaluation"]
    assert record.steps == tuple(line["step"] for line in evaluations)
    assert record.train_losses == tuple(line["train_loss"] for line in evaluations)
    assert record.validation_losses == tuple(line["validation_loss"] for line in evaluations)
    assert record.validation_accuracies == tuple(
        line["validation_accuracy"] for line in evaluations
    )
    assert (record.test_accuracy, record.test_loss) == (
        outcome.scores.accuracy,
        outcome.scores.loss,
    )


def test_best_network_reads_each_set_of_other_lengths(make_config, tmp_path):
    ranges = ((20, 24), (30, 30))
    config = make_config("data.evaluate_lengths=[[20, 24], [30, 30]]", "logging.tensorboard=false")
    record = run_trials([Trial("one", "final", config, seed=config.seed)])[0]
    run = start(config, runs_dir=tmp_path, command="").folder.path
    for bounds, accuracy in zip(ranges, record.other_accuracies, strict=True):
        drawn = draw_other_lengths(config.data.source, [bounds], 12, seed=config.seed)
        labels = [each.label for each in nlptrain.load(run).predict(drawn.texts)]
        right = [
            label == ("absent", "present")[c]
            for label, c in zip(labels, drawn.classes, strict=True)
        ]
        assert accuracy == np.mean(right)


def test_tuning_trial_reads_no_other_lengths(try_out):
    record = try_out(AdamSection(), "data.evaluate_lengths=[30]", stage="tuning")
    assert record.other_accuracies == ()


def test_record_says_what_was_tried_and_when(try_out):
    record = try_out(AdamSection(learning_rate=0.01), seed=7)
    assert (record.contestant, record.stage, record.learning_rate, record.seed) == (
        "one",
        "final",
        0.01,
        7,
    )
    assert record.steps == (5, 10)
    assert 0 < record.seconds[0] < record.seconds[1]


@pytest.mark.parametrize("best_by", ["accuracy", "loss", "macro_f1"])
def test_best_evaluation_is_the_best_by_the_configs_score(try_out, best_by):
    record = try_out(
        AdamSection(learning_rate=0.3), f"training.best_by={best_by}", "training.epochs=6"
    )
    scores = {
        "accuracy": record.validation_accuracies,
        "loss": tuple(-loss for loss in record.validation_losses),
        "macro_f1": record.validation_macro_f1s,
    }[best_by]
    ranks = [(score, -loss) for score, loss in zip(scores, record.validation_losses, strict=True)]
    assert ranks[record.best] == max(ranks)


def test_diverged_trial_is_told_and_keeps_what_it_had(try_out):
    record = try_out(SgdSection(learning_rate=1e30), "model.encoder.cell=rnn_relu")
    assert record.diverged
    assert record.steps == record.train_losses == record.validation_losses == ()
    assert record.best is record.test_accuracy is record.test_loss is None
    json.dumps(record.to_json(), allow_nan=False)


def test_steady_trial_is_not_told_to_have_diverged(try_out):
    assert not try_out(AdamSection()).diverged


def test_tuning_trial_has_no_test_scores(try_out):
    record = try_out(AdamSection(), stage="tuning")
    assert record.best is not None
    assert record.test_accuracy is record.test_loss is None


def test_trials_that_differ_in_training_alone_share_their_data(make_config):
    preparation = prepare_for(make_config())
    other = make_config("training.epochs=5").model_copy(update={"optimizer": SgdSection()})
    assert prepare_for(other) is preparation
    assert prepare_for(make_config("seed=1")) is not preparation
