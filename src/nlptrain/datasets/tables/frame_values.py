"""Columns of polars as what CSV and JSON can hold, also where Python has no such value."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from nlptrain.text.coded_column import CodedColumn
from nlptrain.text.string_column import StringColumn

if TYPE_CHECKING:
    import polars as pl

_FEW, _SAMPLE = 64, 500
"""Different strings up to which a column is numbered, and the rows that are looked at for it."""

_DAYS = 95_000_000
"""Days from 1970 up to which polars can write a date: some 260,000 years."""
_UNITS_PER_DAY = {"ms": 86_400 * 10**3, "us": 86_400 * 10**6, "ns": 86_400 * 10**9}
_DAYS_FROM_YEAR_0 = 719_468
"""Days from 1 March of the year 0 to 1970."""
_DAYS_OF_400_YEARS = 146_097


def find_strings(series: "pl.Series") -> StringColumn | CodedColumn | None:
    """Read a column of strings without a gap, by number where few differ; None: it is another."""
    import polars as pl

    if isinstance(series.dtype, pl.Categorical | pl.Enum):
        series = series.cast(pl.String)
    if series.dtype != pl.String or series.has_nulls():
        return None
    # Most columns of many different strings show it in their first rows.
    if series.head(_SAMPLE).n_unique() <= _FEW:
        names = series.unique(maintain_order=True)
        if len(names) <= _FEW:
            codes = series.cast(pl.Enum(names)).to_physical().to_numpy()
            return CodedColumn(tuple(names), codes.astype(np.int32))
    joined = series.str.join().cast(pl.Binary).item()
    return StringColumn.of_bytes(joined, series.str.len_bytes().to_numpy())


def to_values(series: "pl.Series") -> Sequence[Any]:
    """Write a column as strings, numbers, lists and objects: moments and durations as ISO 8601.

    Nothing passes through Python's own dates, which end in the year 9999 and know fewer zones.
    """
    import polars as pl

    dtype = series.dtype
    if isinstance(dtype, pl.List):
        return _list_values(series)
    if isinstance(dtype, pl.Array):
        return _list_values(series.arr.to_list())
    if isinstance(dtype, pl.Struct):
        return _object_values(series, [field.name for field in dtype.fields])
    if isinstance(dtype, pl.Date):
        return _spell_moments(series, 1, lambda: series.dt.to_string("%Y-%m-%d"), "")
    if isinstance(dtype, pl.Datetime):
        return _spell_datetimes(series, dtype)
    if isinstance(dtype, pl.Duration):
        return series.dt.to_string("iso").to_list()
    if isinstance(dtype, pl.Time | pl.Categorical | pl.Enum):
        return series.cast(pl.String).to_list()
    if dtype.is_float() and not isinstance(dtype, pl.Float64):
        # The shortest number that is this one in its own precision: 0.1, not 0.10000000149011612.
        return series.cast(pl.String).cast(pl.Float64).to_list()
    return series.to_list()


def _list_values(series: "pl.Series") -> list[Any]:
    lengths = series.list.len()
    flat = iter(to_values(series.filter(lengths > 0).explode()))
    return [None if length is None else list(islice(flat, length)) for length in lengths]


def _object_values(series: "pl.Series", names: Sequence[str]) -> list[Any]:
    fields = [to_values(series.struct.field(name)) for name in names]
    rows = zip(*fields, strict=True) if fields else iter([()] * len(series))
    return [
        None if is_null else dict(zip(names, row, strict=True))
        for is_null, row in zip(series.is_null(), rows, strict=True)
    ]


def _spell_datetimes(series: "pl.Series", dtype: "pl.Datetime") -> list[str | None]:
    zone = ""
    if dtype.time_zone is not None and not _is_zone(dtype.time_zone):
        series, zone = series.dt.convert_time_zone("UTC"), "+00:00"
    has_zone = dtype.time_zone is not None and not zone
    form = "%Y-%m-%dT%H:%M:%S%.f" + ("%:z" if has_zone else zone)
    per_day = _UNITS_PER_DAY[dtype.time_unit]
    suffix = "" if dtype.time_zone is None else "+00:00"
    return _spell_moments(series, per_day, lambda: series.dt.to_string(form), suffix)


def _is_zone(name: str) -> bool:
    """Return whether polars knows a time zone."""
    import polars as pl

    try:
        pl.Series([0]).cast(pl.Datetime("us")).dt.replace_time_zone(name)
    except pl.exceptions.PolarsError:
        return False
    return True


def _spell_moments(
    series: "pl.Series", per_day: int, spell: Callable[[], "pl.Series"], suffix: str
) -> list[str | None]:
    """Let polars write moments, or do it here where some are too far from now for it."""
    numbers = series.to_physical()
    lowest, highest = numbers.min(), numbers.max()
    if lowest is None or (
        int(str(lowest)) >= -_DAYS * per_day and int(str(highest)) <= _DAYS * per_day
    ):
        return spell().to_list()
    return [None if n is None else f"{_spell_moment(n, per_day)}{suffix}" for n in numbers]


def _spell_moment(number: int, per_day: int) -> str:
    """Write a moment in units since 1970 by the Gregorian calendar (Hinnant, days to civil)."""
    days, rest = divmod(number, per_day)
    era, day = divmod(days + _DAYS_FROM_YEAR_0, _DAYS_OF_400_YEARS)
    year_of_era = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    day -= 365 * year_of_era + year_of_era // 4 - year_of_era // 100
    shifted_month = (5 * day + 2) // 153
    month = shifted_month + (3 if shifted_month < 10 else -9)
    year = year_of_era + 400 * era + (month <= 2)
    sign = "-" if year < 0 else "+" if year > 9999 else ""
    date = f"{sign}{abs(year):04}-{month:02}-{day - (153 * shifted_month + 2) // 5 + 1:02}"
    if per_day == 1:
        return date
    seconds, fraction = divmod(rest, per_day // 86_400)
    digits = len(str(per_day // 86_400)) - 1
    time = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{date}T{time}" + (f".{fraction:0{digits}}" if fraction else "")
