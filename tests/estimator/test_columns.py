"""Columns of the packages that hold tables."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from nlptrain import StringClassifier
from nlptrain.text.given import list_texts

TEXTS = ["é", "", "b\0\n"]
COLUMNS = {
    "list": lambda values: values,
    "tuple": tuple,
    "NumPy": np.array,
    "NumPy objects": lambda values: np.array(values, object),
    "pandas": pd.Series,
    "pandas objects": lambda values: pd.Series(
        values, dtype=object, index=[7, 7, 3][: len(values)]
    ),
    "pandas categories": lambda values: pd.Series(pd.Categorical(values)),
    "polars": pl.Series,
    "pyarrow": pa.array,
    "pyarrow in chunks": lambda values: pa.chunked_array([values[:1], values[1:]]),
    "generator": iter,
}


@pytest.mark.parametrize("make", COLUMNS.values(), ids=COLUMNS)
def test_strings_of_a_column_are_listed(make):
    assert list_texts(make(TEXTS)) == TEXTS


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (pd.DataFrame({"text": TEXTS}), "texts is a DataFrame of shape"),
        (pl.DataFrame({"text": TEXTS}), "texts is a DataFrame of shape"),
        (pa.table({"text": TEXTS}), "texts is a Table of shape"),
        (np.array("a"), r"texts is a ndarray of shape \(\)"),
        (pd.Series(["a", None]), r"texts\[1\] is (None|nan)"),
        (pl.Series(["a", None]), r"texts\[1\] is None"),
        (pa.array(["a", None]), r"texts\[1\] is None"),
        (pd.Series([1, 2]), r"texts\[0\] is 1 \(int\), not a string"),
        (3, "texts is 3"),
    ],
)
def test_what_is_no_column_of_strings_is_refused(table, says):
    with pytest.raises(TypeError, match=says):
        list_texts(table)


LABELS = {
    "pandas strings": (pd.Series, ["x", "y"]),
    "pandas numbers": (lambda values: pd.Series(values, dtype="Int64"), [1, 2]),
    "pandas booleans": (lambda values: pd.Series(values, dtype="boolean"), [False, True]),
    "pandas categories": (lambda values: pd.Series(pd.Categorical(values)), ["x", "y"]),
    "polars strings": (pl.Series, ["x", "y"]),
    "polars booleans": (pl.Series, [False, True]),
    "pyarrow strings": (pa.array, ["x", "y"]),
    "pyarrow numbers": (pa.array, [1, 2]),
}


@pytest.mark.parametrize(("make", "names"), LABELS.values(), ids=LABELS)
def test_labels_of_a_column_keep_their_type(config, make, names):
    fitted = StringClassifier(config).fit(pd.Series(["a", "b"] * 20), make(names * 20))
    assert fitted.classes_.tolist() == names
    assert type(fitted.classes_.tolist()[0]) is type(names[0])
    assert fitted.predict(pl.Series(["a", "b"])).tolist() == names
