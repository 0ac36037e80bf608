"""What several requests get together is what each would get alone, bit for bit."""

import random
from dataclasses import replace

import numpy as np
import pytest

from every_kind import ACTIVATIONS, ENCODERS, MORE_ENCODERS, NORMALIZATIONS, READOUTS
from nlptrain.inference.model import Model
from nlptrain.inference.side_by_side import decide_each
from nlptrain.numpy_nn.convolution import Convolutional
from nlptrain.numpy_nn.members import stack
from nlptrain.numpy_nn.recurrent import Recurrent
from untrained import make_model

WIDE = Recurrent("lstm", hidden_size=24, num_layers=2, bidirectional=True)


def draw_requests(seed=0, count=40, longest=12):
    """Draw requests of one to four strings, many of one length, some of them empty."""
    generator = random.Random(seed)
    texts = [
        "".join(generator.choices("abcdefg", k=generator.randint(0, longest))) for _ in "x" * 90
    ]
    return [generator.sample(texts, generator.choice((1, 1, 1, 2, 4))) for _ in range(count)]


def as_saved(model):
    """Compute in the precision of most model files."""
    arrays = {
        name: array.astype(np.float32) if array.dtype == np.float64 else array
        for name, array in model.file.arrays.items()
    }
    return Model(model.path, replace(model.file, arrays=arrays))


def check_each(model, requests):
    model = as_saved(model)
    together = decide_each(model, requests)
    assert len(together) == len(requests)
    for texts, decisions in zip(requests, together, strict=True):
        alone = model.decide(texts)
        assert decisions.probabilities.dtype == np.float32
        np.testing.assert_array_equal(decisions.probabilities, alone.probabilities)
        np.testing.assert_array_equal(decisions.classes, alone.classes)
        assert (decisions.unknown, decisions.cut) == (alone.unknown, alone.cut)


@pytest.mark.parametrize("encoder", MORE_ENCODERS, ids=repr)
def test_requests_together_get_the_bits_of_each_alone(encoder):
    check_each(make_model(encoder, max_length=10, output="softmax"), draw_requests())


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_sums_over_positions_are_taken_in_the_same_order(cell):
    kinds = {"normalization": "batch", "activation": "relu", "readout": "attention"}
    check_each(
        make_model(Recurrent(cell, hidden_size=3), output="sigmoid", **kinds), draw_requests()
    )


@pytest.mark.crossed
@pytest.mark.parametrize("encoder", ENCODERS, ids=repr)
@pytest.mark.parametrize("normalization", NORMALIZATIONS)
@pytest.mark.parametrize("readout", READOUTS, ids=str)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_with_any_layer_behind_the_encoder(encoder, normalization, readout, activation):
    kinds = {"normalization": normalization, "readout": readout, "activation": activation}
    check_each(make_model(encoder, output="sigmoid", **kinds), draw_requests())


@pytest.mark.parametrize("heads", ["joint", "each"])
def test_with_encoders_side_by_side(heads):
    beside = (Convolutional(channels=16, kernel_sizes=(2, 3)),)
    model = make_model(WIDE, beside=beside, heads=heads, output="softmax", embedding_dim=16)
    check_each(model, draw_requests())


def test_with_strings_that_are_changed_before_they_are_read():
    model = make_model(WIDE, output="softmax", embedding_dim=32, boundaries=True, max_length=3)
    text = replace(model.file.text, unicode="NFKC", lowercase=True, strip=True)
    requests = [["ABC ", " "], [], ["\ufb03ab", "g", "\ud800"], ["", "e\u0301\u0301"]] * 3
    check_each(Model(model.path, replace(model.file, text=text)), requests)


def test_with_members():
    model = make_model(WIDE, output="softmax", embedding_dim=32)
    others = {name: array * 1.01 for name, array in model.file.arrays.items()}
    file = replace(model.file, arrays=stack([model.file.arrays, others]), members=2)
    check_each(Model(model.path, file), draw_requests())


def test_with_a_temperature_and_more_batches_than_go_side_by_side():
    model = make_model(WIDE, output="softmax", embedding_dim=32)
    model = Model(model.path, replace(model.file, temperature=1.3))
    check_each(model, [["abcde"]] * 150 + draw_requests(longest=300))


def test_one_batch_of_all_would_round_otherwise():
    """Else this file would test nothing: gathering strings into one batch changes bits."""
    model = as_saved(make_model(WIDE, output="softmax", embedding_dim=32))
    requests = [texts for texts in draw_requests() if texts]
    alone = np.concatenate([model.decide(texts).probabilities for texts in requests])
    together = model.decide([text for texts in requests for text in texts]).probabilities
    np.testing.assert_allclose(together, alone, rtol=1e-4)
    assert (together != alone).any()
