"""Weights of heads, fitted on validation: the network that is saved has them in its heads."""

import contextlib

import numpy as np
import pytest

from nlptrain.errors import ConfigError
from nlptrain.evaluation.calibration import fit_head_weights
from nlptrain.evaluation.decision import compute_probabilities
from nlptrain.files.model_file import ModelFile
from nlptrain.files.storage import read_json
from nlptrain.inference.evaluation import evaluate_split
from nlptrain.inference.model import load
from nlptrain.reporting.audience import Audience
from nlptrain.training.assembly import assemble
from nlptrain.training.head_weights import weigh_heads
from nlptrain.training.journal import Journal
from nlptrain.training.resume import resume

HEADS = (
    "model.encoder=null",
    "model.encoders=[{type: cnn, channels: 3}, {type: pooling}]",
    "model.heads=each",
    "model.ngrams={sizes: [1, 2], dim: 3, half_precision: true}",
    "training.calibration=heads",
    "training.steps=12",
    "training.evaluate_every_steps=6",
)
FILES = ("model.safetensors", "report.json")


def compute_heads(model, texts):
    """Compute each head's logits of strings: (heads, N, 1 or C)."""
    [network] = model.network.networks
    encoded = model.file.text.encode_normalized(list(texts))
    ids, lengths = encoded.batch(np.arange(len(encoded)))
    _, heads, _ = network.forward_heads(ids, lengths, training=False)
    return np.array(list(heads.values()))


@pytest.mark.parametrize("loss", ["bce", "cross_entropy"])
def test_saved_heads_are_weighed_as_validation_says(train, make_config, loss):
    told = []
    overrides = (*HEADS, f"model.loss={loss}")
    plain = train(*overrides, "training.calibration=none").folder
    weighed = train(*overrides, audience=Audience(tell=told.append)).folder
    before, after = load(plain.path), load(weighed.path)
    assert before.file.head_weights == ()
    assert "weights of the heads" not in card_of(plain)
    validation = assemble(make_config(*overrides)).preparation.dataset.validation
    parts = compute_heads(before, validation.texts) / 4
    weights = fit_head_weights(list(parts), validation.classes)
    np.testing.assert_allclose(after.file.head_weights, weights, atol=1e-3)
    assert read_json(weighed.report_path)["head_weights"] == list(after.file.head_weights)
    expected = np.tensordot(weights, parts, 1)
    logits = compute_heads(after, validation.texts).mean(axis=0)
    np.testing.assert_allclose(logits, expected, atol=1e-3)
    found = after.predict(list(validation.texts))
    stated = [each.probability for each in found]
    likely = compute_probabilities(expected).max(axis=1)
    np.testing.assert_allclose(stated, likely, atol=1e-3)
    first, *own = (f"{weight:.2f}" for weight in after.file.head_weights)
    sentence = f"{first} over all branches; {', '.join(own)} over one each"
    assert f"head weights, fitted on validation: {sentence}" in told
    assert any("saved in 16 bits, heads weighed: validation accuracy" in line for line in told)


def card_of(folder):
    return (folder.path / "card.md").read_text()


def test_evaluate_finds_the_scores_of_the_report(train):
    folder = train(*HEADS).folder
    found = evaluate_split(folder.path, folder.path.parent, "test")
    assert found.scores.loss == pytest.approx(read_json(folder.report_path)["loss"], abs=1e-6)


@pytest.mark.parametrize("members", [1, 2])
def test_second_training_has_the_weights_of_the_first(train, members):
    overrides = (*HEADS, f"training.members={members}")
    first = ModelFile.load(train(*overrides).folder.model_path)
    refitted = train(*overrides, "training.refit=true").folder
    model = ModelFile.load(refitted.model_path)
    assert model.refitted
    assert model.head_weights == first.head_weights
    weights = read_json(refitted.report_path)["head_weights"]
    assert len(weights) == len(model.architecture.head_ends) == 4
    listed = ", ".join(f"{weight:.3g}" for weight in weights)
    assert f"| weights of the heads, over all branches first | {listed} |" in card_of(refitted)


@pytest.mark.parametrize("refit", ["true", "false"])
@pytest.mark.parametrize("method", ["begin_refit", "save_decision_rule", "write_report"])
def test_run_cut_off_while_it_decides_ends_with_the_same_bytes(
    train, only_run, monkeypatch, refit, method
):
    overrides = (*HEADS, f"training.refit={refit}", "training.checkpoint_every_steps=3")

    def fail(*_):
        raise OSError("the power went")

    with monkeypatch.context() as patch, contextlib.suppress(OSError):
        patch.setattr(Journal, method, fail)
        train(*overrides)
    broken = only_run()
    if broken.read_record().status != "finished":
        resume(broken)
    whole = train(*overrides).folder
    for name in FILES:
        assert (broken.path / name).read_bytes() == (whole.path / name).read_bytes(), name


def test_heads_that_were_weighed_are_not_weighed_again(make_config):
    training = assemble(make_config(*HEADS))
    once = weigh_heads(training.learner, training.preparation, training.model_file())
    twice = weigh_heads(training.learner, training.preparation, once)
    assert twice is once
    for name, array in training.learner.arrays().items():
        np.testing.assert_array_equal(array, once.arrays[name])


def test_single_head_gets_a_single_weight(train):
    model = ModelFile.load(train("training.calibration=heads").folder.model_path)
    assert len(model.head_weights) == 1
    assert model.temperature == 1


def test_other_calibration_is_refused(make_config):
    with pytest.raises(ConfigError, match="calibration"):
        make_config("training.calibration=head")
