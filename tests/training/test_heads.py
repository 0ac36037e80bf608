"""What each of several heads learns from, and what is reported of them."""

import numpy as np
import pytest

from nlptrain.training.assembly import assemble

BRANCHES = "model.encoders=[{type: cnn, channels: 3}, {type: pooling}]"


@pytest.fixture
def learn(make_config):
    """Differentiate the loss of a batch in a network of two branches, in either engine."""

    def differentiate(*overrides):
        config = make_config("model.encoder=null", BRANCHES, "model.heads=each", *overrides)
        training = assemble(config)
        batch = training.preparation.splits["train"].batch(np.arange(8))
        return training.learner.differentiate(batch, step=0), batch.classes

    return differentiate


def test_each_head_has_the_gradient_of_its_own_loss(learn):
    found, classes = learn("model.loss=bce", "model.dropout=0.5")
    losses = []
    for name in ("head.0", "heads.0.0", "heads.1.0"):
        probability = 1 / (1 + np.exp(-found.outputs[name][:, 0]))
        error = probability - classes
        np.testing.assert_allclose(found.gradients[f"{name}.bias"], [error.mean()], rtol=1e-4)
        losses.append(-np.log(np.where(classes, probability, 1 - probability)).mean())
    assert found.loss == pytest.approx(np.mean(losses), rel=1e-5)


def test_a_single_branch_has_one_head(make_config):
    each, joint = (
        assemble(make_config(f"model.heads={heads}")).preparation.architecture
        for heads in ("each", "joint")
    )
    assert each == joint


def test_heads_of_branches_read_what_dropout_left(learn):
    found, _ = learn("model.loss=bce", "model.dropout=0.5")
    dropped, joined = found.outputs["dropout"], found.outputs["join"]
    assert (dropped == 0).any()
    assert (joined != 0).any()
    parts = [found.outputs[f"parts.{number}"] for number in range(2)]
    np.testing.assert_array_equal(np.concatenate(parts, axis=1), dropped)
