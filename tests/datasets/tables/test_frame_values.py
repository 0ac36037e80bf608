import base64
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.datasets.tables.cells import to_duration
from nlptrain.datasets.tables.frame_values import _spell_moment, find_strings, to_values
from nlptrain.datasets.tables.layout import TableLayout
from nlptrain.datasets.tables.reader import read_table
from nlptrain.text.coded_column import CodedColumn

MOMENT = datetime(2024, 3, 1, 12, 30, tzinfo=UTC)
COLUMNS = [
    (pl.Series(["a", None]), ["a", None]),
    (pl.Series([1, None]), [1, None]),
    (pl.Series([True, False]), [True, False]),
    (pl.Series([0.1, 1e20]), [0.1, 1e20]),
    (pl.Series([0.1, float("-inf"), None], dtype=pl.Float32), [0.1, float("-inf"), None]),
    (pl.Series([Decimal("1.50")]), [Decimal("1.50")]),
    (pl.Series(["x", "y"], dtype=pl.Categorical), ["x", "y"]),
    (pl.Series([b"\xff"]), [b"\xff"]),
    (pl.Series([date(2024, 3, 1), None]), ["2024-03-01", None]),
    (pl.Series([MOMENT]).dt.replace_time_zone(None), ["2024-03-01T12:30:00"]),
    (pl.Series([MOMENT]), ["2024-03-01T12:30:00+00:00"]),
    (pl.Series([MOMENT]).dt.convert_time_zone("Asia/Tokyo"), ["2024-03-01T21:30:00+09:00"]),
    (pl.Series([time(1, 2, 3)]), ["01:02:03"]),
    (pl.Series([timedelta(hours=30)]), ["P1DT6H"]),
    (pl.Series([[1.5], [], None, [None]], dtype=pl.List(pl.Float32)), [[1.5], [], None, [None]]),
    (pl.Series([[1, 2]], dtype=pl.Array(pl.Int8, 2)), [[1, 2]]),
    (pl.Series([{"a": date(2024, 3, 1)}, None]), [{"a": "2024-03-01"}, None]),
    (pl.Series([[[{"a": [timedelta(1)]}]], []]), [[[{"a": ["P1D"]}]], []]),
    (pl.Series([None, None]), [None, None]),
    (pl.Series([], dtype=pl.Date), []),
]


@pytest.mark.parametrize(("column", "values"), COLUMNS, ids=[str(c.dtype) for c, _ in COLUMNS])
def test_columns_of_every_type_are_what_csv_and_json_can_hold(column, values):
    assert list(to_values(column)) == values


@given(st.dates())
def test_calendar_is_that_of_python(day):
    days = (day - date(1970, 1, 1)).days
    assert _spell_moment(days, 1) == day.isoformat()


@given(st.datetimes())
def test_moments_are_those_of_polars(moment):
    microseconds = (moment - datetime.fromisoformat("1970-01-01")) // timedelta(microseconds=1)
    found = _spell_moment(microseconds, 86_400 * 10**6)
    assert datetime.fromisoformat(found) == moment


@given(st.timedeltas(timedelta(-(10**6)), timedelta(10**6)))
def test_durations_are_spelled_alike_from_python_and_from_polars(span):
    if span:
        mine, theirs = to_duration(span), pl.Series([span]).dt.to_string("iso")[0]
        assert mine.replace("-", "") == theirs.replace("-", "")


def test_moments_of_a_zone_that_nobody_knows_are_carried_and_written_in_utc(tmp_path):
    path = tmp_path / "a.parquet"
    pl.DataFrame({"when": [MOMENT]}).select(
        pl.col("when").dt.convert_time_zone("Europe/Paris")
    ).write_parquet(path)
    content = path.read_bytes()
    schema = max(re.findall(rb"[A-Za-z0-9+/]{99,}=*", content), key=len)
    renamed = base64.b64decode(schema).replace(b"Europe/Paris", b"Europe/Xaris")
    path.write_bytes(content.replace(schema, base64.b64encode(renamed)))
    with read_table(path, TableLayout("parquet")) as table:
        assert "Xaris" in str(table.dtypes["when"])
        assert [row.values for row in table.rows] == [("2024-03-01T12:30:00+00:00",)]


@pytest.mark.parametrize("different", [1, 3, 64, 65, 3000])
def test_strings_are_found_whether_few_differ_or_many(different):
    # The first rows alone do not tell: they are all alike.
    values = ["é"] * 600 + [f"{number * 7 % different}é" for number in range(3000)]
    found = find_strings(pl.Series(values))
    assert isinstance(found, CodedColumn) == (len(set(values)) <= 64)
    assert found == values
    if isinstance(found, CodedColumn):
        assert found.names == tuple(dict.fromkeys(values))
    assert find_strings(pl.Series([*values, None])) is None
    assert find_strings(pl.Series([1, 2])) is None
