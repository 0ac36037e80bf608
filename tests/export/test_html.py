import base64
import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from every_kind import BESIDE_NGRAMS, CELLS, ENCODERS, READOUTS, exported
from nlptrain.errors import ExportError
from nlptrain.export.html import MAX_BYTES, describe_layer, render_page, save_page
from nlptrain.export.translated import TRANSLATED
from nlptrain.files.model_file import ModelFile
from nlptrain.inference.model import Model
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.reporting.formulas import FORMULAS
from nlptrain.reporting.worked_example import BLUE, RED
from untrained import make_model

EVIL = "</script><script>alert(1)</script>"


def read_data(page):
    found = re.search(
        r'<script type="application/json" id="networks">(.*?)</script>', page, re.DOTALL
    )
    return json.loads(found.group(1))


def test_labels_cannot_end_the_programs_data():
    made = make_model(Pooling(), readout="mean")
    page = render_page(Model(made.path, replace(made.file, labels=(EVIL, "b", "c"))))
    assert EVIL not in page
    assert read_data(page)[0]["labels"][0] == EVIL


def test_page_holds_the_arrays_in_32_bits():
    made = make_model(Recurrent(hidden_size=3), readout="last")
    data = read_data(render_page(made))[0]["arrays"]
    assert set(data) == set(made.file.arrays)
    for name, array in made.file.arrays.items():
        held = np.frombuffer(base64.b64decode(data[name]["data"]), "<f4")
        np.testing.assert_array_equal(held, array.astype(np.float32).reshape(-1))


def test_page_holds_in_16_bits_what_the_model_file_has_so():
    made = make_model(NGrams((1, 2), 3, count=5, hashed=True, vocabulary_size=8))
    file = ModelFile.from_bytes(replace(made.file, half_precision=True).to_bytes())
    data = read_data(render_page(Model(made.path, file)))[0]["arrays"]
    assert {name: each["type"] for name, each in data.items()} == {
        name: "float16" if name == "encoder.weight" else "float32" for name in file.arrays
    }
    held = np.frombuffer(base64.b64decode(data["encoder.weight"]["data"]), "<f2")
    np.testing.assert_array_equal(held, file.arrays["encoder.weight"].reshape(-1))


def test_page_allows_no_request():
    page = render_page(make_model(Pooling(), readout="mean"))
    assert "default-src 'none'" in page
    assert not re.search(r"\b(src|href|action)\s*=|url\(|@import|\bimport\b|fetch\(", page)


def test_network_too_large_for_a_page_is_refused_with_what_is_large():
    rows = MAX_BYTES // (4 * 64)
    made = make_model(NGrams((1, 2), 64, count=rows, hashed=True, vocabulary_size=8))
    with pytest.raises(ExportError, match=r"26\.\d MB.*20 MB.*encoder\.weight 26\.\d MB"):
        render_page(made)


def test_two_networks_too_large_for_a_page_are_refused_together():
    rows = MAX_BYTES // (6 * 64)
    made = make_model(NGrams((1, 2), 64, count=rows, hashed=True, vocabulary_size=8))
    render_page(made)
    with pytest.raises(ExportError, match=r"35\.\d MB.*encoder\.weight of untrained 17\.\d MB"):
        render_page(Model(Path("untrained.safetensors"), made.file), made)


def test_two_networks_of_one_name_are_numbered():
    made = make_model(Pooling(), readout="mean")
    names = [each["name"] for each in read_data(render_page(made, made))]
    assert names[0] != names[1]


def test_page_is_written_whole(tmp_path):
    made = make_model(Pooling(), readout="mean")
    save_page(made, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text("utf-8") == render_page(made)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_every_formula_is_set():
    page = render_page(make_model(Pooling(), readout="mean"))
    assert page.count("<math") == len(FORMULAS)
    # What the converter does not know, it leaves as it is written.
    assert not re.search(r"[\\]|&amp;|>&<|&#x00026;", "".join(re.findall("<math.*?</math>", page)))


def read_names(script, constant):
    """Read the keys of a constant in a file of the page's program."""
    program = (files("nlptrain.reporting.pages") / "network" / script).read_text("utf-8")
    body = re.search(rf"^const {constant} = \{{\n(.*?)^\}};", program, re.DOTALL | re.MULTILINE)
    return re.findall(r"^  (\w+)\b", body.group(1), re.MULTILINE)


def test_every_kind_of_layer_has_its_program():
    encoders = exported("html", "encoder", ENCODERS)
    readouts = [{"readout": each} for each in exported("html", "readout", READOUTS)]
    kinds = [
        *({"encoder": each, "normalization": "layer", "activation": "tanh"} for each in encoders),
        *({"encoder": Pooling(), **each} for each in readouts),
        *({**each, "heads": "each", "dropout": 0.5} for each in BESIDE_NGRAMS),
    ]
    layers = {
        describe_layer(step.layer)["kind"]
        for each in kinds
        for step in make_model(**each).file.architecture.steps
    }
    assert layers == set(read_names("network.js", "LAYERS"))


@pytest.mark.parametrize(
    ("sort", "script", "table"),
    [
        ("activation", "activation.js", "ACTIVATIONS"),
        ("readout", "readout.js", "READOUTS"),
        ("encoder", "cells.js", "CELLS"),
    ],
)
def test_page_has_the_programs_of_what_it_does_not_refuse(sort, script, table):
    listed = {each for each in TRANSLATED["html"] if each.startswith(f"{sort} ")}
    if sort == "encoder":
        listed &= {f"encoder {cell}" for cell in CELLS}
    assert listed == {f"{sort} {each}" for each in read_names(script, table)}


def test_both_languages_say_the_same_things():
    english = read_names("words_en.js", "ENGLISH")
    assert len(english) > 50
    assert english == read_names("words_zh.js", "CHINESE")


def test_colours_are_those_of_the_terminal():
    page = render_page(make_model(Pooling(), readout="mean"))
    for name, colour in (("for", BLUE), ("against", RED)):
        assert "--{}: #{:02x}{:02x}{:02x};".format(name, *colour) in page
