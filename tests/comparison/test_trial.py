import json
from dataclasses import asdict

import numpy as np
import pytest

from nlptrain.comparison.trial import Trial, run_trial
from nlptrain.config.optimizer import AdamByHandSection, AdamSection, SgdSection
from nlptrain.training.numpy_learner import NumpyLearner
from nlptrain.training.run import start
from nlptrain.training.torch_learner import TorchLearner


@pytest.fixture
def spy(monkeypatch, engine):
    """Note each learner's initial values, batches and dropout masks."""
    starts, batches, masks = [], [], []
    learner = {"numpy": NumpyLearner, "torch": TorchLearner}[engine]
    init, step, dropout = learner.__init__, learner.step, learner._dropout_mask

    def note_start(self, *args, **kwargs):
        init(self, *args, **kwargs)
        starts.append(self.arrays())

    def note_batch(self, batch, **kwargs):
        batches.append(batch.ids)
        return step(self, batch, **kwargs)

    def note_mask(self, *args):
        masks.append(dropout(self, *args))
        return masks[-1]

    monkeypatch.setattr(learner, "__init__", note_start)
    monkeypatch.setattr(learner, "step", note_batch)
    monkeypatch.setattr(learner, "_dropout_mask", note_mask)
    return starts, batches, masks


def same(first, second):
    return all(np.array_equal(*pair) for pair in zip(first, second, strict=True))


def test_optimizers_of_a_seed_start_alike_and_see_the_same(make_config, spy):
    config = make_config("model.dropout=0.5")
    starts, batches, masks = spy
    for optimizer in (SgdSection(), AdamSection(), AdamByHandSection()):
        run_trial(Trial(config, optimizer, seed=4))
    assert len(batches) == len(masks) == 30
    for notes in (
        [list(each.values()) for each in starts],
        *([notes[first : first + 10] for first in (0, 10, 20)] for notes in (batches, masks)),
    ):
        assert same(notes[0], notes[1])
        assert same(notes[0], notes[2])


def test_another_seed_starts_elsewhere_and_sees_other_batches(make_config, spy):
    starts, batches, _ = spy
    for seed in (4, 5):
        run_trial(Trial(make_config(), AdamSection(), seed))
    assert not same(starts[0].values(), starts[1].values())
    assert not same(batches[:10], batches[10:])
    letters = [
        np.sort(np.concatenate([ids.ravel() for ids in each]))
        for each in (batches[:10], batches[10:])
    ]
    assert np.array_equal(*(each[each > 0] for each in letters))


def test_adam_by_hand_learns_as_adam_does(make_config):
    config = make_config("training.dtype=float64", "training.epochs=6")
    kinds = (AdamSection, AdamByHandSection)
    adam, by_hand = (run_trial(Trial(config, kind(learning_rate=0.01), 1)) for kind in kinds)
    np.testing.assert_allclose(by_hand.train_losses, adam.train_losses, rtol=0, atol=1e-9)
    np.testing.assert_allclose(by_hand.validation_losses, adam.validation_losses, atol=1e-9)
    assert by_hand.test_accuracy == adam.test_accuracy


def test_trial_is_the_training_of_the_same_config(make_config, tmp_path):
    config = make_config("logging.tensorboard=false", "seed=3", "training.epochs=4")
    result = run_trial(Trial(config, config.optimizer, seed=3))
    outcome = start(config, runs_dir=tmp_path, command="")
    lines = map(json.loads, outcome.folder.metrics_path.read_text().splitlines())
    evaluations = [line for line in lines if line["kind"] == "evaluation"]
    assert result.steps == [line["step"] for line in evaluations]
    assert result.train_losses == [line["train_loss"] for line in evaluations]
    assert result.validation_losses == [line["validation_loss"] for line in evaluations]
    assert result.validation_accuracies == [line["validation_accuracy"] for line in evaluations]
    assert (result.test_accuracy, result.test_loss) == (
        outcome.scores.accuracy,
        outcome.scores.loss,
    )


def test_diverged_trial_is_told_and_still_has_a_score(make_config):
    config = make_config("model.encoder.cell=rnn_relu")
    result = run_trial(Trial(config, SgdSection(learning_rate=1e30), seed=0))
    assert result.diverged
    assert result.steps == result.train_losses == result.validation_losses == []
    assert 0 <= result.test_accuracy <= 1
    json.dumps(asdict(result), allow_nan=False)


def test_steady_trial_is_not_told_to_have_diverged(make_config):
    assert not run_trial(Trial(make_config(), AdamSection(), 0)).diverged
