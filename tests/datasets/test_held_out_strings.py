import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlptrain.datasets.held_out_strings import LabelledStrings, SmallestHashes
from nlptrain.text.string_column import StringColumn

WINDOWS = st.lists(
    st.lists(
        st.tuples(st.integers(0, 30), st.integers(0, 2)), max_size=8, unique_by=lambda pair: pair[0]
    ),
    max_size=12,
)


def build(window):
    hashes, labels = zip(*window, strict=True) if window else ((), ())
    return LabelledStrings(
        StringColumn.of([f"s{number}" for number in hashes]),
        np.array(hashes, np.uint64),
        np.array(labels, np.int64),
        np.ones(len(window), np.int64),
    )


@given(WINDOWS, st.integers(1, 6))
def test_smallest_hashes_are_kept_with_all_their_votes(windows, capacity):
    kept, dropped = SmallestHashes(capacity), []
    for window in windows:
        strings = build(window)
        is_held = kept.holds(strings.hashes)
        dropped += [*strings.keep(~is_held).texts]
        gone = kept.add(strings.keep(is_held))
        for text, votes in zip(gone.texts, gone.votes.tolist(), strict=True):
            dropped += [text] * votes
    pairs = [pair for window in windows for pair in window]
    if not pairs:
        return
    found = kept.strings
    held = set(found.hashes.tolist())
    smallest = sorted({number for number, _ in pairs})[:capacity]
    assert held >= set(smallest)
    for number, label, votes in zip(found.hashes, found.labels, found.votes, strict=True):
        assert votes == pairs.count((int(number), int(label)))
    # Nothing is lost: what is not held has been given back.
    assert sorted(dropped) == sorted(f"s{number}" for number, _ in pairs if number not in held)


def test_label_of_most_votes_is_chosen_on_a_tie_the_first_seen():
    windows = [[(2, 1), (1, 0)], [(2, 0)], [(1, 2), (3, 1)]]
    strings = LabelledStrings.join(list(map(build, windows)))
    chosen = strings.merge().choose_labels()
    assert (chosen.hashes.tolist(), chosen.labels.tolist()) == ([1, 2, 3], [0, 1, 1])
    more = LabelledStrings.join([strings, build([(2, 0)])]).merge().choose_labels()
    assert more.labels.tolist() == [0, 0, 1]
    assert list(more.texts) == ["s1", "s2", "s3"]
