"""Strings given in Python: a list, an array, or a column of pandas, polars or pyarrow."""

from collections.abc import Iterable, Mapping
from typing import Any


def list_texts(values: Iterable[Any], name: str = "texts") -> list[str]:
    """List strings, from whatever holds one after another.

    Args:
        values: A list, a NumPy array (N,), a column of pandas or polars, a pyarrow array, …
        name: What messages call them.

    Raises:
        TypeError: They are a single string or a table, or one of them is no string.
    """
    listed = list_values(values, name)
    for place, value in enumerate(listed):
        if not isinstance(value, str):
            raise TypeError(
                f"{name}[{place}] is {_show(value)}, not a string; fill in missing ones and "
                "convert others before, for example with str"
            )
    return listed


def list_values(values: Iterable[Any], name: str) -> list[Any]:
    """List what holds one value after another, as Python's own values.

    Raises:
        TypeError: It is a single string, a set, a table, or holds nothing.
    """
    if isinstance(values, set | frozenset):
        raise TypeError(f"{name} is a {type(values).__name__}, which has no order; give a list")
    if isinstance(values, str | bytes):
        raise TypeError(f"{name} is a single string; give a list of them: [{values!r:.40}]")
    shape = getattr(values, "shape", (0,))
    if isinstance(values, Mapping) or len(shape) != 1:
        kind = type(values).__name__
        size = "" if isinstance(values, Mapping) else f" of shape {tuple(shape)}"
        raise TypeError(
            f"{name} is a {kind}{size}, not one column of values; give one column, "
            "for example table['text'] or array[:, 0]"
        )
    # pyarrow, then pandas and polars, then NumPy.
    for method in ("to_pylist", "to_list", "tolist"):
        if hasattr(values, method):
            return list(getattr(values, method)())
    if not isinstance(values, Iterable):
        raise TypeError(f"{name} is {_show(values)}, not a list or a column of values")
    return list(values)


def _show(value: object) -> str:
    return "None" if value is None else f"{value!r:.40} ({type(value).__name__})"
