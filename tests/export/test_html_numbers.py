"""Each step of a page's network beside the same step by hand."""

import random
from dataclasses import replace

import numpy as np
import pytest

from chromium import open_page, type_texts
from every_kind import (
    ACTIVATIONS,
    BESIDE,
    BESIDE_NGRAMS,
    MORE_ENCODERS,
    NORMALIZATIONS,
    READOUTS,
    exported,
)
from nlptrain.export.html import render_page
from nlptrain.inference.explanation.explanation import explain
from nlptrain.inference.model import Model
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.members import stack
from nlptrain.numpy_nn.ngram_ids import list_keys
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.recurrent import Recurrent
from untrained import make_model

SPECIAL = [
    *(
        "",
        "a",
        "f",
        "xyz",
        "abcdef" * 10,
        "   ",
        " a b ",
        "ABC",
        "Ábc",
        "A\u0301bc",
        "a\u0328\u0301",
    ),
    *("😀", "a😀b👩‍👩‍👧c", "ﬁab", "ΑΣ", "İa", "ß", "ab\ncd", "\ta\u3000", "\ufeffa", "a\u0085"),
    *("</script>", "{{ a }}", "$&", "＜a＞", "中文abc", "a\u202eb", "\u1e9e"),
]
DRAWN = [
    "".join(random.Random(seed).choices("abcdef" * 3 + "xé😀", k=seed % 41)) for seed in range(58)
]


def insert_one(text):
    """Type one more character somewhere: the page computes only what it changes."""
    place = random.Random(text).randint(0, len(text))
    return f"{text[:place]}c{text[place:]}"


# Into each a character is typed, and taken out again.
TEXTS = SPECIAL + [each for text in DRAWN for each in (text, insert_one(text), text)]


def networks():
    """List every encoder, each with other kinds behind it, so that every kind occurs."""
    readouts = exported("html", "readout", READOUTS)
    normalizations = exported("html", "normalization", NORMALIZATIONS)
    activations = exported("html", "activation", ACTIVATIONS)
    for number, encoder in enumerate(exported("html", "encoder", MORE_ENCODERS)):
        kinds = {
            "readout": readouts[number % len(readouts)],
            "normalization": normalizations[number % len(normalizations)],
            "activation": ("none", *activations)[number // 2 % (1 + len(activations))],
            "output": ("softmax", "sigmoid")[number % 2],
            "head_hidden_sizes": ((), (4,), (5, 3))[number % 3],
            "head_activation": activations[number % len(activations)],
            "boundaries": number % 5 == 4,
        }
        yield encoder, kinds
    for number, branches in enumerate((*BESIDE, *BESIDE_NGRAMS)):
        for heads in ("joint", "each"):
            rest = {key: value for key, value in branches.items() if key != "encoder"}
            readout = readouts[number % len(readouts)]
            yield branches["encoder"], {"heads": heads, "readout": readout, "dropout": 0.5, **rest}


def check(browser, model, texts, tmp_path):
    """Open a page, type strings, and find every number that `explain` has."""
    assert open_page(browser, render_page(model), tmp_path) == []
    compare(browser, model, texts)


def compare(browser, model, texts, network=0):
    """Type strings, and find every number that `explain` has of one of the page's networks."""
    for text, found in zip(texts, type_texts(browser, texts, network), strict=True):
        expected = explain(model, text)
        assert found["text"] == text
        assert "".join(found["characters"]) == expected.characters
        assert found["unknown"] == expected.unknown
        assert found["ids"] == expected.ids.tolist()
        assert found["lengthBeforeCut"] == expected.length_before_cut
        assert list(found["steps"]) == [layer.step.name for layer in expected.trace.layers]
        for step, values in expected.trace.layers:
            agree(found["steps"][step.name], values, f"{step.name} of {text!r}")
        agree(found["memberLogits"], expected.member_logits, "member logits")
        agree(found["logits"], expected.logits, "logits")
        agree(found["probabilities"], expected.probabilities, "probabilities")
        agree(found["removed"], expected.attribution.removed, "removed")
        assert found["classIndex"] == expected.class_index
        assert found["shown"].startswith(expected.label)


def agree(found, expected, what):
    """Compare within 1e-5, relative where numbers are large."""
    found = np.array(found, float).reshape(np.shape(expected))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5, err_msg=what)


@pytest.mark.long
@pytest.mark.parametrize(("encoder", "kinds"), list(networks()), ids=str)
def test_every_step_of_every_kind_is_that_by_hand(browser, tmp_path, encoder, kinds):
    check(browser, make_model(encoder, max_length=50, **kinds), TEXTS, tmp_path)


def test_every_step_of_an_rnn_is_that_by_hand(browser, tmp_path):
    model = make_model(Recurrent(hidden_size=3), readout="last", output="sigmoid", max_length=50)
    check(browser, model, SPECIAL, tmp_path)


def test_two_networks_side_by_side_have_their_own_numbers(browser, tmp_path):
    first = make_model(Recurrent(hidden_size=3), readout="last", output="sigmoid", max_length=9)
    second = make_model(Convolutional(4, (2, 3)), readout="max")
    assert open_page(browser, render_page(first, second), tmp_path) == []
    for network, model in enumerate((first, second)):
        compare(browser, model, SPECIAL, network)


@pytest.mark.long
@pytest.mark.parametrize("unicode", ["none", "NFC", "NFD", "NFKC", "NFKD"])
def test_every_way_to_read_a_string_is_that_by_hand(browser, tmp_path, unicode):
    model = make_model(Pooling(), readout="mean", max_length=8)
    text = replace(model.file.text, unicode=unicode, lowercase=True, strip=True)
    check(browser, Model(model.path, replace(model.file, text=text)), TEXTS, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_members_temperature_and_threshold_are_those_by_hand(browser, tmp_path, output):
    made = make_model(Recurrent("gru", hidden_size=2), readout="max", output=output)
    others = [{name: 0.7 * array for name, array in made.file.arrays.items()}]
    file = replace(
        made.file,
        arrays=stack([made.file.arrays, *others]),
        members=2,
        temperature=2.5,
        threshold=0.61,
    )
    check(browser, Model(made.path, file), TEXTS, tmp_path)


def test_every_kind_of_16_bit_number_is_read(browser, tmp_path):
    largest, smallest = np.finfo(np.float16).max, np.finfo(np.float16).smallest_subnormal
    numbers = [0, smallest, -smallest, 1023 * smallest, 1024 * smallest, 1, -1 / 3, 2.5, -largest]
    vector = np.array(numbers, np.float16).astype(float)
    made = make_model(NGrams((1,), len(numbers), count=4, hashed=True, vocabulary_size=8))
    arrays = {**made.file.arrays, "encoder.weight": np.tile(vector, (4, 1))}
    file = replace(made.file, arrays=arrays, half_precision=True)
    assert open_page(browser, render_page(Model(made.path, file)), tmp_path) == []
    (found,) = type_texts(browser, ["a"], 0)
    np.testing.assert_array_equal(np.ravel(found["steps"]["encoder"]), vector)


@pytest.mark.long
@pytest.mark.parametrize("combine", ["scaled_sum", "mean"])
@pytest.mark.parametrize("boundaries", [False, True])
def test_known_ngrams_are_found(browser, tmp_path, combine, boundaries):
    sizes = (1, 2, 3)
    ids, lengths = np.array([[1, 2, 3, 4, 5, 6, 1, 1]]).T, np.array([8])
    found = list_keys(ids, lengths, sizes, 8 if boundaries else None)
    keys = np.unique(np.concatenate([keys[whole] for _, keys, whole in found]))
    layer = NGrams(sizes, 3, boundaries, combine, len(keys), vocabulary_size=8)
    made = make_model(layer)
    file = replace(made.file, arrays={**made.file.arrays, "encoder.keys": keys})
    check(browser, Model(made.path, file), TEXTS, tmp_path)
