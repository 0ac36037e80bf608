"""Pieces of an array copied as wholes are those that slices give, at its end and of any size."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.text.windows import join_spans, read_windows

SPANS = st.lists(
    st.tuples(st.integers(0, 300), st.sampled_from([0, 1, 3, 40, 250])), min_size=1, max_size=30
)


@given(st.binary(max_size=300), SPANS)
def test_spans_are_joined_as_slices_are(content, spans):
    data = np.frombuffer(content, np.uint8)
    slices = [content[start : start + size] for start, size in spans]
    starts = np.array([min(start, len(content)) for start, _ in spans])
    offsets = np.cumsum([0, *map(len, slices)])
    assert join_spans(data, starts, offsets).tobytes() == b"".join(slices)


def test_many_short_strings_beside_a_long_one_take_no_memory_for_pads():
    data = np.zeros(1 << 20, np.uint8)
    starts = np.zeros(1 << 20, np.int64)
    offsets = np.append(np.arange(1 << 20), (2 << 20) - 1)
    # As windows of the longest, 2²⁰ bytes each, they would take a tebibyte.
    assert len(join_spans(data, starts, offsets)) == (2 << 20) - 1


@given(st.integers(1, 50), st.lists(st.integers(0, 40), max_size=9), st.integers(1, 60))
def test_windows_read_on_and_repeat_the_last_value(number, starts, width):
    values = np.arange(number, dtype=np.int16)
    starts = np.array([min(start, number - 1) for start in starts], np.int64)
    expected = [[min(start + step, number - 1) for step in range(width)] for start in starts]
    read = read_windows(values, starts, width)
    assert read.shape == (len(starts), width)
    assert read.tolist() == expected
