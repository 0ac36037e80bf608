"""Networks of every kind in ONNX Runtime, held against the network by hand.

That is held against torch in `parity/`; here the other side is a program of its own.
"""

import itertools
import json
from dataclasses import replace

import numpy as np
import onnx
import pytest

from every_kind import (
    ACTIVATIONS,
    BESIDE,
    BESIDE_NGRAMS,
    MORE_ENCODERS,
    NORMALIZATIONS,
    READOUTS,
    exported,
)
from nlptrain.errors import ExportError
from nlptrain.export.onnx.check import LARGEST_DIFFERENCE, check_onnx, start_session
from nlptrain.export.onnx.export import export_onnx
from nlptrain.export.onnx.model import build_onnx
from nlptrain.export.probe import NUMBER, draw_strings
from nlptrain.inference.model import load
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.members import stack
from nlptrain.numpy_nn.ngram_ids import list_keys
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.text.vocabulary import Vocabulary
from untrained import make_model

LONGEST = 12
"""Characters: some of the networks without training grow with every position."""
READINGS = list(
    zip(
        exported("onnx", "readout", READOUTS),
        itertools.cycle(("none", *exported("onnx", "activation", ACTIVATIONS))),
        strict=False,
    )
)
"""Each readout with an activation, which take turns."""
RECURRENT = Recurrent("gru", hidden_size=4, bidirectional=True)
KNOWN = [
    NGrams(sizes=(1, 3), dim=3, count=20, vocabulary_size=8),
    NGrams(sizes=(2,), dim=3, count=9, vocabulary_size=8, boundaries=False, combine="mean"),
]


def make(encoder, **kinds):
    """Make an untrained network; known n-grams are some that strings of a to f have.

    Its numbers are small, as some of the networks double theirs with every position, and their
    rounding with them.
    """
    model = make_model(encoder, max_length=LONGEST, **kinds)
    for array in model.file.arrays.values():
        if array.dtype == np.float64:
            np.multiply(array, 0.5, out=array)
    for name in model.file.architecture.constant_shapes():
        model.file.arrays[name] = known_keys(encoder)
    return model


def known_keys(layer):
    ids = np.random.default_rng(2).integers(1, 8, (9, 40))
    begin = layer.vocabulary_size if layer.boundaries else None
    listed = list_keys(ids, np.full(40, 9), layer.sizes, begin)
    keys = np.unique(np.concatenate([keys[is_whole] for _, keys, is_whole in listed]))
    return keys[: layer.count]


def difference(model, *, strings=False):
    data = build_onnx(model.file, strings=strings).SerializeToString()
    return check_onnx(model, data, strings=strings)


@pytest.mark.crossed
@pytest.mark.parametrize("reading", READINGS, ids=str)
@pytest.mark.parametrize("normalization", exported("onnx", "normalization", NORMALIZATIONS))
@pytest.mark.parametrize("encoder", exported("onnx", "encoder", MORE_ENCODERS), ids=str)
def test_every_layer_computes_the_same(encoder, normalization, reading):
    readout, activation = reading
    kinds = {"normalization": normalization, "readout": readout, "activation": activation}
    assert difference(make(encoder, **kinds)) <= LARGEST_DIFFERENCE


@pytest.mark.parametrize(
    "kinds",
    [
        *BESIDE,
        *BESIDE_NGRAMS,
        {**BESIDE_NGRAMS[1], "heads": "each", "head_hidden_sizes": (4,), "dropout": 0.3},
        {**BESIDE[1], "heads": "each", "output": "sigmoid"},
        *({"encoder": each} for each in KNOWN),
        {"encoder": RECURRENT, "head_hidden_sizes": (5, 3), "head_activation": "tanh"},
        {"encoder": RECURRENT, "output": "sigmoid", "boundaries": True, "threshold": 0.3},
    ],
    ids=str,
)
def test_branches_heads_and_marks_compute_the_same(kinds):
    assert difference(make(**kinds)) <= LARGEST_DIFFERENCE


@pytest.mark.parametrize("encoder", [KNOWN[0], RECURRENT], ids=str)
def test_members_and_temperature_compute_the_same(encoder):
    one = make(encoder)
    others = {
        name: array if name.endswith("keys") else array[::-1] * 0.9
        for name, array in one.file.arrays.items()
    }
    arrays = stack([one.file.arrays, others])
    both = replace(one, file=replace(one.file, arrays=arrays, members=2, temperature=1.7))
    assert not np.allclose(both.decide(["abc"]).probabilities, one.decide(["abc"]).probabilities)
    assert difference(both) <= LARGEST_DIFFERENCE


@pytest.mark.parametrize("boundaries", [False, True])
@pytest.mark.parametrize("encoder", [RECURRENT, KNOWN[1], Convolutional(3, padding="valid")])
def test_strings_are_divided_into_the_same_characters(encoder, boundaries):
    model = make(encoder, boundaries=boundaries)
    assert difference(model, strings=True) <= LARGEST_DIFFERENCE
    endless = replace(model.file.text, max_length=None)
    whole = replace(model, file=replace(model.file, text=endless))
    assert difference(whole, strings=True) <= LARGEST_DIFFERENCE


def test_strings_give_the_labels_in_a_batch_of_empty_ones_too():
    model = make(Pooling(), output="sigmoid")
    session = start_session(build_onnx(model.file, strings=True).SerializeToString())
    for texts in (["", ""], ["abc", "", "xyz\x00😀"]):
        (found,) = session.run(["labels"], {"texts": np.array(texts, object)})
        assert found.tolist() == [each.label for each in model.predict(texts)]


def test_half_a_character_in_vocabulary_and_labels_does_no_harm():
    model = make(Pooling(), output="sigmoid")
    text = replace(model.file.text, vocabulary=Vocabulary("abcde\ud800"))
    file = replace(model.file, text=text, labels=("\udfff", "present"))
    assert difference(replace(model, file=file), strings=True) <= LARGEST_DIFFERENCE


def test_file_for_all_runtimes_has_operators_of_onnx_alone():
    domains = {each.domain for each in build_onnx(make(KNOWN[0]).file).opset_import}
    assert domains == {"", "ai.onnx.ml"}
    assert {each.domain for each in build_onnx(make(RECURRENT).file).opset_import} == {""}


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_classes_are_those_that_predict_names(output):
    model = make(RECURRENT, output=output)
    model.file.arrays["head.0.bias"][:] = 0
    texts = draw_strings(model.file.text)
    middle = float(np.median(model.decide(texts).probabilities[:, 1]))
    model = replace(model, file=replace(model.file, threshold=middle + LARGEST_DIFFERENCE))
    ids, lengths = model.file.text.encode(texts).batch(np.arange(NUMBER))
    feed = {"ids": ids.astype(np.int64), "lengths": lengths}
    session = start_session(build_onnx(model.file).SerializeToString())
    (found,) = session.run(["classes"], feed)
    expected = model.decide(texts)
    assert len(set(expected.classes)) > 1
    # A probability that rounds to the other side of the threshold may go to either class.
    assert (found != expected.classes).mean() < 0.01


@pytest.mark.parametrize("encoder", [Pooling(), RECURRENT, Convolutional(3, padding="valid")])
def test_what_stands_behind_a_string_makes_no_difference(encoder):
    model = make(encoder, readout=("mean", "max", "last"))
    session = start_session(build_onnx(model.file).SerializeToString())
    ids, lengths = np.array([[1, 2, 0, 0, 0], [3, 4, 5, 6, 1]]), np.array([2, 5])
    expected = session.run(["probabilities"], {"ids": ids, "lengths": lengths})[0]
    ids[0, 2:] = 6
    found = session.run(["probabilities"], {"ids": ids, "lengths": lengths})[0]
    np.testing.assert_array_equal(found, expected)
    alone = session.run(["probabilities"], {"ids": ids[:1, :2], "lengths": lengths[:1]})[0]
    np.testing.assert_allclose(alone, expected[:1], atol=1e-6)


def test_file_says_how_strings_become_token_ids():
    model = make(RECURRENT, boundaries=True)
    built = build_onnx(model.file)
    about = json.loads({each.key: each.value for each in built.metadata_props}["nlptrain"])
    ids = {character: token for token, character in enumerate(about["characters"], 1)}
    own = [*about["before"], *(ids.get(each, about["unknown"]) for each in "abx"), *about["behind"]]
    assert own == model.file.text.encode(["abx"]).ids.tolist()
    assert about["labels"] == list(model.file.labels)
    assert about["max_length"] == LONGEST


def test_probes_are_of_every_kind():
    text = make(RECURRENT).file.text
    probes = draw_strings(text)
    encoded = text.encode(probes)
    assert len(probes) == NUMBER
    assert {0, 1, LONGEST} <= set(encoded.lengths)
    assert encoded.cut
    assert encoded.unknown
    assert set(encoded.ids) == set(range(1, len(text.vocabulary)))
    assert {len(each.encode()) for each in "".join(probes)} == {1, 2, 3, 4}


def test_file_that_computes_something_else_is_not_written(tmp_path, monkeypatch):
    model, other = make(RECURRENT), make(Pooling())
    monkeypatch.setattr(
        "nlptrain.export.onnx.export.build_onnx", lambda *_, **__: build_onnx(other.file)
    )
    with pytest.raises(ExportError, match=r"nothing was written"):
        export_onnx(model, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_network_beyond_the_format_is_refused(monkeypatch):
    monkeypatch.setattr("nlptrain.export.onnx.model.LARGEST", 1_000)
    with pytest.raises(ExportError, match="an ONNX file holds"):
        build_onnx(make(RECURRENT).file)


def test_equal_networks_give_equal_bytes(finished_run, tmp_path):
    model = load(finished_run)
    for name in ("one", "two"):
        export_onnx(model, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    onnx.checker.check_model(onnx.load(tmp_path / "one"), full_check=True)
