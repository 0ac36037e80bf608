"""A model of several networks predicts, and explains, by all of them together."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import log_expit, log_softmax

from every_kind import BESIDE, ENCODERS
from nlptrain.files.model_file import ModelFile, TextPipeline
from nlptrain.inference.explanation.attribution import gradient_times_input
from nlptrain.inference.explanation.explanation import explain
from nlptrain.inference.explanation.ngrams import contributions
from nlptrain.inference.explanation.wording import write_out
from nlptrain.inference.model import Model
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.text.vocabulary import Vocabulary

TEXTS = ["abcdefab", "a", "", "bxéa b"]
KINDS = [
    {"readout": "max", "normalization": "layer", "output": "sigmoid"},
    {"readout": ("mean", "attention"), "normalization": "batch", "head_hidden_sizes": (4,)},
]


def make_models(encoder, *, temperature=1.0, **kinds):
    """Make a model of three networks, and each of them as a model of its own."""
    labels = ("absent", "present", "other")[: 2 if kinds.get("output") == "sigmoid" else 3]
    architecture = Architecture(8, len(labels), 4, encoder, **kinds)
    draws = [initial_parameters(architecture, seed=seed, dtype="float64") for seed in range(3)]
    stacked = {name: np.stack([each[name] for each in draws]) for name in draws[0]}
    text = TextPipeline(Vocabulary("abcdef"))
    loss = "bce" if kinds.get("output") == "sigmoid" else "cross_entropy"
    file = ModelFile(architecture, stacked, text, labels, loss, temperature=temperature, members=3)
    alone = [replace(file, arrays=each, members=1) for each in draws]
    return [Model(Path("model.safetensors"), each) for each in (file, *alone)]


@pytest.fixture(params=KINDS, ids=str)
def kinds(request):
    return request.param


@pytest.mark.parametrize("temperature", [1.0, 2.5])
@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_probabilities_are_those_of_the_mean_log_probabilities(encoder, kinds, temperature):
    together, *alone = make_models(encoder, temperature=temperature, **kinds)
    encoded = together.file.text.encode(TEXTS)
    logits = np.stack([model.logits(encoded) for model in alone])
    if logits.shape[-1] == 1:
        logs = np.concatenate([log_expit(-logits), log_expit(logits)], axis=-1)
    else:
        logs = log_softmax(logits, axis=-1)
    # The temperature divides the logarithms of the joint probabilities.
    joint = np.exp(logs.mean(axis=0) / temperature)
    expected = joint / joint.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(together.decide(TEXTS).probabilities, expected, rtol=1e-12)


@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_explanation_has_the_numbers_of_the_prediction(encoder, kinds):
    together, *alone = make_models(encoder, **kinds)
    for text in TEXTS:
        explanation, decided = explain(together, text), together.decide([text])
        each = [model.logits(together.file.text.encode([text]))[0] for model in alone]
        np.testing.assert_array_equal(explanation.member_logits, each)
        np.testing.assert_array_equal(explanation.trace.logits, each[0])
        np.testing.assert_allclose(explanation.logits, sum(each) / 3, atol=1e-14)
        np.testing.assert_allclose(explanation.probabilities, decided.probabilities[0], atol=1e-14)
        assert explanation.class_index == decided.classes[0]


@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_attributions_are_those_to_the_joint_logit(encoder, kinds):
    together, *alone = make_models(encoder, **kinds)
    explanation = explain(together, "abca")

    def logit(text):
        joint = together.logits(together.file.text.encode([text]))[0]
        index = explanation.class_index
        return joint[index] if len(joint) > 1 else joint[0] * (2 * index - 1)

    removed = [logit("abca") - logit(text) for text in ("bca", "aca", "aba", "abc")]
    as_unknown = [logit("abca") - logit(text) for text in ("?bca", "a?ca", "ab?a", "abc?")]
    found, index = explanation.attribution, explanation.class_index
    np.testing.assert_allclose(found.removed, removed, atol=1e-12)
    np.testing.assert_allclose(found.as_unknown, as_unknown, atol=1e-12)
    slopes = [
        gradient_times_input(
            model, explanation.ids, index, contributions(model, explanation.ids, index)
        )
        for model in alone
    ]
    np.testing.assert_allclose(found.gradient_times_input, sum(slopes) / 3, atol=1e-14)


def test_steps_lead_from_the_first_members_numbers_to_the_joint_logit(kinds):
    together, first, *_ = make_models(ENCODERS[0], **kinds)
    explanation = explain(together, "abca")
    steps = write_out(explanation, full=True, source="").steps
    place = next(n for n, step in enumerate(steps) if step.title.startswith("3 members"))
    own = write_out(explain(first, "abca"), full=True, source="").steps
    skipped = {0, place - 1}  # what is said of members, and the logit of the predicted class
    for number in set(range(place)) - skipped:
        both = steps[number], own[number]
        assert replace(both[0], heat_maps=()) == replace(both[1], heat_maps=())
        for ours, alone in zip(*(each.heat_maps for each in both), strict=True):
            assert (ours.rows, ours.columns) == (alone.rows, alone.columns)
            np.testing.assert_array_equal(ours.values, alone.values)
    (table,) = steps[place].tables
    assert table.header == ("member", "1", "2", "3", "mean")
    for row, *logits in zip(
        table.rows, *explanation.member_logits, explanation.logits, strict=True
    ):
        assert list(row[1:]) == [f"{value:z.4f}" for value in logits]
    assert "those of member 1" in steps[0].sentence
    assert len(steps) == len(own) + 1


def test_more_members_than_fit_are_left_out_but_the_mean_is_not():
    together, *_ = make_models(ENCODERS[0], **KINDS[1])
    arrays = {name: np.concatenate([each] * 4) for name, each in together.file.arrays.items()}
    many = Model(together.path, replace(together.file, arrays=arrays, members=12))
    explanation = explain(many, "abca")
    for full in (False, True):
        steps = write_out(explanation, full=full, source="").steps
        step = next(each for each in steps if each.title == "12 members → joint logits")
        numbers = [name for table in step.tables for name in table.header if name.isdecimal()]
        assert len(numbers) == (12 if full else 8)
        assert step.tables[-1].header[-1] == "mean"
        assert ("8 of 12 members" in step.remark) is not full


def test_plain_values_have_the_logits_of_each_member_only_where_there_are_several():
    together, first, *_ = make_models(ENCODERS[0], **KINDS[0])
    values = explain(together, "abca").to_json()
    assert np.mean(values["member_logits"], axis=0) == pytest.approx(values["logits"])
    assert "member_logits" not in explain(first, "abca").to_json()


@pytest.mark.parametrize("beside", BESIDE, ids=str)
def test_members_with_branches_are_explained(beside):
    together, *alone = make_models(**beside, **KINDS[0])
    explanation = explain(together, "abca")
    each = [model.logits(together.file.text.encode(["abca"]))[0] for model in alone]
    assert explanation.logits == pytest.approx(sum(each) / 3)
    assert write_out(explanation, full=False, source="").steps
