"""A kind that ships has its translation in every format, or is refused in one line that helps."""

import pytest

from every_kind import (
    ACTIVATIONS,
    BESIDE_NGRAMS,
    MORE_ENCODERS,
    NORMALIZATIONS,
    NOT_EXPORTED,
    READOUTS,
    exported,
    name_kinds,
)
from nlptrain.errors import ExportError
from nlptrain.export.html import render_page
from nlptrain.export.onnx.model import build_onnx
from nlptrain.export.translated import TRANSLATED, list_kinds
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.recurrent import Recurrent
from untrained import make_model

SORTS = {
    "encoder": MORE_ENCODERS,
    "normalization": [each for each in NORMALIZATIONS if each != "none"],
    "activation": ACTIVATIONS,
    "readout": READOUTS,
}
ARRANGED = make_model(**BESIDE_NGRAMS[1], heads="each", dropout=0.5).file.architecture
SHIPPED = {
    *(name for sort, kinds in SORTS.items() for kind in kinds for name in name_kinds(sort, kind)),
    *(name for name in list_kinds(ARRANGED) if name.startswith("layer ")),
}
EXPORTS = {"onnx": lambda model: build_onnx(model.file), "html": render_page}


@pytest.mark.parametrize("form", TRANSLATED)
def test_every_kind_that_ships_is_translated_or_named_here(form):
    assert SHIPPED - TRANSLATED[form] == NOT_EXPORTED[form]
    assert TRANSLATED[form] <= SHIPPED


def test_kinds_of_a_network_have_the_names_that_are_listed():
    model = make_model(
        Recurrent("gru", 2),
        normalization="layer",
        activation="tanh",
        readout=("mean", "last"),
        head_hidden_sizes=(3,),
    )
    assert list(list_kinds(model.file.architecture)) == [
        "layer embedding",
        "encoder gru",
        "normalization layer",
        "activation tanh",
        "readout mean",
        "readout last",
        "layer linear",
        "activation relu",
        "layer linear",
    ]


@pytest.mark.parametrize("form", TRANSLATED)
@pytest.mark.parametrize(
    ("lost", "only"),
    [
        ("encoder pooling", "cnn, gru, lstm, ngrams, rnn_relu, rnn_tanh"),
        ("activation tanh", "relu, sigmoid"),
        ("readout max", "attention, last, mean"),
    ],
)
def test_kind_that_one_format_lacks_is_refused_with_what_has_it(monkeypatch, form, lost, only):
    model = make_model(Pooling(), activation="tanh", readout=("mean", "max"))
    EXPORTS[form](model)
    monkeypatch.setitem(TRANSLATED, form, TRANSLATED[form] - {lost})
    (other,) = set(TRANSLATED) - {form}
    with pytest.raises(ExportError) as refusal:
        EXPORTS[form](model)
    assert str(refusal.value) == (
        f"--format {form} has no {lost}, only {only}; use --format {other} or nlptrain predict or "
        "serve, or train with one of those"
    )
    EXPORTS[other](model)


def test_kind_that_no_format_has_is_refused_with_what_computes_it(monkeypatch):
    for form in TRANSLATED:
        monkeypatch.setitem(TRANSLATED, form, TRANSLATED[form] - {"readout mean"})
    for form, export in EXPORTS.items():
        with pytest.raises(ExportError, match=rf"{form} has no readout mean.*; use nlptrain pred"):
            export(make_model(Pooling(), readout="mean"))


def test_second_network_of_a_page_is_refused_as_the_first(monkeypatch):
    monkeypatch.setitem(TRANSLATED, "html", TRANSLATED["html"] - {"readout last"})
    first, second = (make_model(Pooling(), readout=each) for each in ("mean", "last"))
    with pytest.raises(ExportError, match="no readout last"):
        render_page(first, second)


def test_tests_of_a_format_leave_out_what_it_refuses(monkeypatch):
    monkeypatch.setitem(NOT_EXPORTED, "html", {"readout max", "encoder gru"})
    assert exported("html", "readout", ["max", "mean", ("mean", "max")]) == ["mean"]
    assert exported("html", "encoder", [Recurrent("gru"), Pooling()]) == [Pooling()]
    assert exported("onnx", "readout", ["max"]) == ["max"]
