import base64
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from nlptrain.errors import ExportError
from nlptrain.export.html import MAX_BYTES, render_page, save_page
from nlptrain.inference.model import Model
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.reporting.formulas import FORMULAS
from untrained import make_model

EVIL = "</script><script>alert(1)</script>"


def read_data(page):
    found = re.search(
        r'<script type="application/json" id="network">(.*?)</script>', page, re.DOTALL
    )
    return json.loads(found.group(1))


def test_labels_cannot_end_the_programs_data():
    made = make_model(Pooling(), readout="mean")
    page = render_page(Model(made.path, replace(made.file, labels=(EVIL, "b", "c"))))
    assert EVIL not in page
    assert read_data(page)["labels"][0] == EVIL


def test_page_holds_the_arrays_in_32_bits():
    made = make_model(Recurrent(hidden_size=3), readout="last")
    data = read_data(render_page(made))["arrays"]
    assert set(data) == set(made.file.arrays)
    for name, array in made.file.arrays.items():
        held = np.frombuffer(base64.b64decode(data[name]["data"]), "<f4")
        np.testing.assert_array_equal(held, array.astype(np.float32).reshape(-1))


def test_page_allows_no_request():
    page = render_page(make_model(Pooling(), readout="mean"))
    assert "default-src 'none'" in page
    assert not re.search(r"\b(src|href|action)\s*=|url\(|@import|\bimport\b|fetch\(", page)


def test_network_too_large_for_a_page_is_refused_with_what_is_large():
    rows = MAX_BYTES // (4 * 64)
    made = make_model(NGrams((1, 2), 64, count=rows, hashed=True, vocabulary_size=8))
    with pytest.raises(ExportError, match=r"26\.\d MB.*20 MB.*encoder\.weight 26\.\d MB"):
        render_page(made)


def test_page_is_written_whole(tmp_path):
    made = make_model(Pooling(), readout="mean")
    save_page(made, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text("utf-8") == render_page(made)
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_every_formula_is_set():
    page = render_page(make_model(Pooling(), readout="mean"))
    assert page.count("<math") == len(FORMULAS)
    # What the converter does not know, it leaves as a command.
    assert "\\" not in "".join(re.findall("<math.*?</math>", page, re.DOTALL))
