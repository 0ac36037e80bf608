"""One value of a table, as the text formats write it."""

import json
from datetime import timedelta

from nlptrain.datasets.tables.text_stream import SURROGATE
from nlptrain.files.storage import finite

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What begins a formula in some spreadsheet, or is passed over before one."""


def to_text(value: object) -> str | None:
    """Write a value as a string: lists and objects as JSON, nothing as nothing."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, bool | list | dict):
        return to_json(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, timedelta):
        return to_duration(value)
    return str(value)


def to_duration(value: timedelta) -> str:
    """Write a duration as ISO 8601 does, days the largest unit: P1DT2H0.5S, -PT1M, PT0S."""
    seconds = abs(value) // timedelta(seconds=1)
    days, hours, minutes = seconds // 86400, seconds // 3600 % 24, seconds // 60 % 60
    fraction = f".{abs(value).microseconds:06}".rstrip("0").rstrip(".")
    date = f"{days}D" if days else ""
    time = f"{hours}H" * (hours > 0) + f"{minutes}M" * (minutes > 0)
    if seconds % 60 or fraction or not (date or time):
        time += f"{seconds % 60}{fraction}S"
    sign = "-" if value < timedelta(0) else ""
    return f"{sign}P{date}{'T' if time else ''}{time}"


def to_json(value: object) -> str:
    """Write a value as JSON; what JSON lacks (dates, bytes) as strings, NaN and ±∞ as null."""
    try:
        text = _ENCODER.encode(value)
    except ValueError:
        text = _ENCODER.encode(finite(value))
    if text.isascii() or not SURROGATE.search(text):
        return text
    # Undecodable bytes were read as lone surrogates: an escape can hold them, UTF-8 cannot.
    return json.dumps(json.loads(text))


def defuse(value: object) -> object:
    """Put an apostrophe before text that a spreadsheet would run as a formula (OWASP's advice).

    The apostrophe is part of the cell for every other program.
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=to_text)
