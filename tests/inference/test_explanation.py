import json
import os
import re
import subprocess
import sys
from dataclasses import asdict, replace

import numpy as np
import pytest

from every_kind import ENCODERS, WITH_EMBEDDING
from nlptrain.inference.explanation.attribution import class_logits
from nlptrain.inference.explanation.explanation import explain
from nlptrain.inference.explanation.wording import write_out
from nlptrain.inference.model import Model
from nlptrain.numpy_nn.classifier import Classifier
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.recurrent import Recurrent
from untrained import make_model

KINDS = [
    {"readout": "mean"},
    {"readout": "max", "activation": "tanh", "normalization": "layer", "output": "sigmoid"},
    {"readout": "last", "normalization": "instance", "head_hidden_sizes": (4,)},
    {"readout": "mean", "normalization": "batch", "activation": "sigmoid"},
]
TEXTS = ["abcdefab", "a", "", "bxéa b"]


@pytest.fixture
def course():
    """Make the course's network with numbers to check by hand: mean, then w·x + b, then sigmoid."""
    model = make_model(Pooling(), readout="mean", output="sigmoid", embedding_dim=2)
    rows = [[0, 0], [4, 0], [0, 2], [-2, 0], [0, -4], [1, 1], [3, 3], [0.5, 0]]
    arrays = {
        "embedding.weight": np.array(rows, float),
        "head.0.weight": np.array([[2.0, 1.0]]),
        "head.0.bias": np.array([0.5]),
    }
    return Model(model.path, replace(model.file, arrays=arrays))


@pytest.mark.parametrize("kinds", KINDS, ids=str)
@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_traced_logits_equal_the_classifier(encoder, kinds):
    model = make_model(encoder, **kinds)
    for text in TEXTS:
        expected = model.logits(model.file.text.encode([text]))[0]
        np.testing.assert_allclose(explain(model, text).trace.logits, expected, atol=1e-12)


@pytest.mark.parametrize("kinds", KINDS, ids=str)
@pytest.mark.parametrize("encoder", WITH_EMBEDDING, ids=str)
def test_gradient_times_input_is_the_slope_of_scaling_a_characters_embedding(encoder, kinds):
    model = make_model(encoder, **kinds)
    explanation = explain(model, "abcaef")
    ids, embedding = explanation.ids, model.file.arrays["embedding.weight"]

    def scaled_logit(place, scale):
        # The pad's row stands first, so that a convolution sees it outside the string too.
        table = np.concatenate([np.zeros((1, 4)), embedding[ids]])
        table[place + 1] *= scale
        network = Classifier(
            model.file.architecture, {**model.file.arrays, "embedding.weight": table}
        )
        logits = network.logits(np.arange(1, 7)[None], np.array([6]))
        return class_logits(logits, explanation.class_index)[0]

    slopes = [(scaled_logit(t, 1 + 1e-6) - scaled_logit(t, 1 - 1e-6)) / 2e-6 for t in range(6)]
    found = explanation.attribution.gradient_times_input
    np.testing.assert_allclose(found, slopes, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("encoder", ENCODERS, ids=str)
def test_other_attributions_are_differences_of_the_changed_strings_logits(encoder):
    model = make_model(encoder, readout="max")
    explanation = explain(model, "abca")

    def logit(text):
        return model.logits(model.file.text.encode([text]))[0, explanation.class_index]

    as_unknown = [logit("abca") - logit(text) for text in ("?bca", "a?ca", "ab?a", "abc?")]
    removed = [logit("abca") - logit(text) for text in ("bca", "aca", "aba", "abc")]
    np.testing.assert_allclose(explanation.attribution.as_unknown, as_unknown, atol=1e-12)
    np.testing.assert_allclose(explanation.attribution.removed, removed, atol=1e-12)


def test_the_courses_example_by_hand(course):
    explanation = explain(course, "abcd")
    assert explanation.ids.tolist() == [1, 2, 3, 4]
    assert explanation.trace.find("embedding").tolist() == [[4, 0], [0, 2], [-2, 0], [0, -4]]
    assert explanation.trace.find("readout").tolist() == [0.5, -0.5]
    assert explanation.trace.logits.tolist() == [1.0]
    assert explanation.probabilities[1] == pytest.approx(0.7310585786300049)
    # w · e_t / T: what a character adds to w·x.
    assert explanation.attribution.gradient_times_input.tolist() == [2, 0.5, -1, -1]
    assert explanation.attribution.as_unknown.tolist() == [1.75, 0.25, -1.25, -1.25]


def test_temperature_stands_between_the_logit_and_the_sigmoid(course):
    hot = explain(Model(course.path, replace(course.file, temperature=2.0)), "abcd")
    assert hot.trace.logits.tolist() == [1.0]
    assert hot.probabilities[1] == pytest.approx(0.6224593312018546)
    lines = [line for step in write_out(hot, full=False, source="m").steps for line in step.lines]
    (calibrated,) = [line for line in lines if line.startswith("calibrated: ")]
    values = [float(word) for word in re.findall(r"\d+\.?\d*", calibrated)]
    assert values == [1.0, 2.0, 0.5]
    assert hot.to_json()["temperature"] == 2


def test_attributions_of_class_0_have_the_opposite_sign(course):
    present = explain(course, "abcd")
    sceptical = Model(course.path, replace(course.file, threshold=0.9))
    absent = explain(sceptical, "abcd")
    assert (absent.label, absent.class_logit) == ("absent", -1.0)
    for name in ("as_unknown", "removed", "gradient_times_input"):
        opposite = -getattr(present.attribution, name)
        assert getattr(absent.attribution, name).tolist() == opposite.tolist()


def test_page_of_the_courses_example_shows_every_number(course):
    example = write_out(explain(course, "abcd"), full=False, source="m")
    assert [step.title for step in example.steps] == [
        "characters → token ids (4)",
        "token ids → embedding (4 × 2)",
        "mean over the positions → one vector (1 × 2)",
        "w·x + b → logit",
        "logit → probability",
        "probability → class",
        "which characters mattered most",
    ]
    assert example.steps[3].lines[1] == "logit = w·x + b = 0.5000 + 0.5000 = 1.0000"
    assert example.steps[3].tables[0].rows[2] == ("w × x", "1.0000", "-0.5000")
    assert example.steps[4].lines[0] == "P(present) = 1 / (1 + e^(-1.0000)) = 0.7311"
    assert example.outcome == "present, probability 0.7311"
    assert example.scores[0].numbers == ("+1.7500", "+2.5000", "+2.0000")


def test_maximum_names_the_row_it_came_from():
    model = make_model(Pooling(), readout="max")
    explanation = explain(model, "abcd")
    rows = explanation.trace.find("embedding")
    values, origins = write_out(explanation, full=False, source="m").steps[2].tables[0].rows
    for column, origin in enumerate(origins[1:]):
        assert f"{rows[int(origin) - 1, column]:z.4f}" == values[column + 1]
        assert rows[:, column].argmax() == int(origin) - 1


def test_convolution_names_rows_by_the_characters_that_it_sees():
    model = make_model(Convolutional(channels=2, kernel_sizes=(3,)))
    table = write_out(explain(model, "ab?"), full=False, source="m").steps[2].tables[0]
    assert [row[0] for row in table.rows] == ["1 ·ab", "2 ab[unk]", "3 b[unk]·"]


def test_wide_and_long_is_shortened_and_says_so():
    model = make_model(Recurrent(hidden_size=10), embedding_dim=3)
    short = write_out(explain(model, "abc" * 10), full=False, source="m").steps[2]
    assert [len(table.rows) for table in short.tables] == [20]
    assert short.remark == (
        "shown: the first 20 of 30 positions and the first 8 of 10 features; --full shows all"
    )
    full = write_out(explain(model, "abc" * 10), full=True, source="m").steps[2]
    assert [(len(table.header), len(table.rows)) for table in full.tables] == [(9, 30), (3, 30)]
    assert full.remark == ""


def test_string_is_shown_as_read():
    model = make_model(Pooling(), max_length=3, readout="mean")
    step = write_out(explain(model, "a\u0301 \tbc"), full=False, source="m").steps[0]
    names, read, ids = step.tables[0].rows
    assert names == ("character", "á", "␣", "\\t")
    assert read == ("read as", "[unk]", "[unk]", "[unk]")
    assert ids == ("token id", "7", "7", "7")
    assert any("2 at the end are cut off" in line for line in step.lines)
    assert any("after normalization" in line for line in step.lines)


@pytest.mark.parametrize("encoder", WITH_EMBEDDING, ids=str)
def test_empty_string_reads_out_as_zeros(encoder):
    explanation = explain(make_model(encoder, readout="max"), "")
    example = write_out(explanation, full=True, source="m")
    assert not explanation.trace.find("readout").any()
    assert explanation.attribution.removed.shape == (0,)
    assert example.scores == ()
    assert "There are no characters" in example.steps[-1].sentence


def test_string_shorter_than_the_kernel_has_no_window():
    model = make_model(Convolutional(channels=3, kernel_sizes=(4,), padding="valid"))
    step = write_out(explain(model, "ab"), full=False, source="m").steps[2]
    assert step.title == "embedding → feature maps (0 × 3)"
    assert step.lines == ("The string is too short for the kernel's window.",)


@pytest.mark.parametrize("text", TEXTS)
def test_json_holds_everything_unshortened(text):
    model = make_model(Recurrent(hidden_size=10), **KINDS[2])
    values = json.loads(json.dumps(explain(model, text).to_json(), allow_nan=False))
    assert np.shape(values["features"]) == ((len(text), 10) if text else (0,))
    assert values["label"] == model.predict([text])[0].label
    assert values["token_ids"] == model.file.text.encode([text]).ids.tolist()
    assert len(values["attribution"]["removed"]) == len(text)


def test_json_writes_null_for_what_is_not_finite(course):
    arrays = {**course.file.arrays, "head.0.bias": np.array([np.inf])}
    broken = Model(course.path, replace(course.file, arrays=arrays))
    with np.errstate(invalid="ignore"):
        assert explain(broken, "ab").to_json()["logits"] == [None]


def test_explaining_never_loads_torch_nor_pydantic(tmp_path):
    model = make_model(Recurrent(hidden_size=3), **KINDS[1])
    model.file.save(tmp_path / "model.safetensors")
    program = (
        "import sys; from nlptrain.inference.model import load;"
        "from nlptrain.inference.explanation.explanation import explain;"
        "from nlptrain.inference.explanation.wording import write_out;"
        "write_out(explain(load('model.safetensors'), 'ab'), full=True, source='');"
        "print(*sys.modules)"
    )
    command = [sys.executable, "-c", program]
    loaded = subprocess.check_output(command, text=True, cwd=tmp_path, env=os.environ).split()
    assert "nlptrain.inference.explanation.wording" in loaded
    assert not {"torch", "tensorboard", "matplotlib", "pydantic"} & set(loaded)


def test_attention_shows_each_positions_share():
    model = make_model(Pooling(), readout=("max", "attention"))
    explanation = explain(model, "abc")
    embedded = explanation.trace.find("encoder")
    scores = embedded @ model.file.arrays["readout.attention.query"]
    expected = np.exp(scores) / np.exp(scores).sum()
    np.testing.assert_allclose(explanation.to_json()["attention"], expected, rtol=1e-12)
    (step,) = [
        each
        for each in write_out(explanation, full=True, source="").steps
        if each.title.startswith("attention")
    ]
    assert step.tables[0].rows == tuple(
        (f"{place} {character}", f"{share:.4f}")
        for place, (character, share) in enumerate(zip("abc", expected, strict=True), 1)
    )


def test_marks_are_rows_of_the_network_but_nothing_that_one_can_change():
    model = make_model(Convolutional(channels=2, kernel_sizes=(3,)), boundaries=True)
    explanation = explain(model, "ab")
    assert explanation.ids.tolist() == [7, 1, 2, 8]
    assert explanation.characters == "ab"
    assert [len(each) for each in asdict(explanation.attribution).values()] == [2, 2, 2]
    table = write_out(explanation, full=True, source="m").steps[2].tables[0]
    assert [row[0] for row in table.rows] == [
        "1 ·[begin]a",
        "2 [begin]ab",
        "3 ab[end]",
        "4 b[end]·",
    ]
