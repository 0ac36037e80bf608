import hashlib
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlptrain.errors import DataError
from nlptrain.tasks.automaton import Automaton
from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.language import AlphabetLanguage
from nlptrain.tasks.position_first import PositionFirst
from nlptrain.tasks.sampling import sample_task

SIZES = {"train": 1800, "validation": 180, "test": 180}


class StartsWithB(AlphabetLanguage):
    """No string of three letters is in a class; those of one letter are all in the same."""

    def labels(self):
        return ("other", "b first")

    def automaton(self):
        # After n letters: state n where the first was an a, 4 + n where it was a b.
        after_a, after_b = ([[start + min(n + 1, 4)] * 2 for n in (1, 2, 3, 4)] for start in (0, 4))
        transitions = np.array([[1, 5], *after_a, *after_b])
        return Automaton(transitions, np.array([-1, 0, 0, -1, 0, 0, 1, -1, 1]))


def count_by_length(sample):
    """Count the strings of a split by (length, class)."""
    return Counter(zip(map(len, sample.texts), sample.classes.tolist(), strict=True))


def list_all(sample):
    return [text for split in sample.splits.values() for text in split.texts]


TASKS = [
    ContainsAny(),
    ContainsAny(characters="bdf", hits="one"),
    PositionFirst(lengths=(8, 8)),
    PositionFirst(lengths=(5, 9)),
]


@pytest.mark.parametrize("task", TASKS)
def test_splits_have_their_sizes_and_share_no_string(task):
    sample = sample_task(task, SIZES, seed=0)
    texts = list_all(sample)
    assert {name: len(split.texts) for name, split in sample.splits.items()} == SIZES
    assert len(set(texts)) == len(texts) == sum(SIZES.values())
    assert sample.notes == ()


@pytest.mark.parametrize("task", TASKS)
def test_every_string_has_its_class(task):
    for split in sample_task(task, SIZES, seed=0).splits.values():
        for text, found in zip(split.texts[:100], split.classes, strict=False):
            letters = np.array([[task.alphabet.index(letter) for letter in text]])
            assert task.automaton().classify(letters) == [found]


@pytest.mark.parametrize("hits", ["natural", "one"])
def test_two_classes_are_exactly_balanced_at_every_length(hits):
    for split in sample_task(ContainsAny(hits=hits), SIZES, seed=0).splits.values():
        counts = count_by_length(split)
        assert all(counts[length, 0] == counts[length, 1] > 0 for length in range(4, 13))


def test_lengths_are_as_even_as_possible():
    splits = sample_task(ContainsAny(), {"train": 1810, "validation": 90, "test": 92}, 0).splits
    for split in splits.values():
        counts = Counter(map(len, split.texts))
        assert max(counts.values()) - min(counts.values()) <= 2


def test_positions_are_balanced_among_those_possible_at_each_length():
    task = PositionFirst(lengths=(5, 9))
    counts = count_by_length(sample_task(task, SIZES, seed=0).splits["train"])
    for length in range(5, 10):
        possible = [counts[length, place] for place in [*range(length), 9]]
        assert max(possible) - min(possible) <= 1
        assert sum(possible) == pytest.approx(360, abs=10)


def test_the_seed_decides_the_strings_and_their_order():
    first, again, other = (sample_task(ContainsAny(), SIZES, seed) for seed in (1, 1, 2))
    assert list_all(first) == list_all(again)
    assert len(set(list_all(first)) & set(list_all(other))) < len(list_all(first)) / 2
    for split, twin in zip(first.splits.values(), again.splits.values(), strict=True):
        np.testing.assert_array_equal(split.classes, twin.classes)


def test_the_seed_decides_them_on_every_processor():
    # Many are drawn twice: which of two is dropped must not hang on how a processor sorts.
    train = sample_task(ContainsAny(lengths=(6, 6)), {"train": 100_000}, seed=0).splits["train"]
    digest = hashlib.sha256(" ".join(train.texts).encode()).hexdigest()
    assert digest[:16] == "fa025daa8aa488d0"


def test_strings_are_shuffled():
    split = sample_task(ContainsAny(), SIZES, seed=0).splits["train"]
    lengths = list(map(len, split.texts))
    assert abs(np.corrcoef(np.arange(1800), lengths)[0, 1]) < 0.1
    assert abs(np.corrcoef(np.arange(1800), split.classes)[0, 1]) < 0.1


def test_every_string_of_a_tiny_language_is_dealt_out():
    task = ContainsAny(alphabet="ab", characters="a", lengths=(1, 6))
    sample = sample_task(task, {"train": 8, "validation": 2, "test": 2}, seed=0)
    texts = list_all(sample)
    assert sorted(text for text in texts if "a" not in text) == ["b" * n for n in range(1, 7)]
    assert Counter(map(len, texts)) == dict.fromkeys(range(1, 7), 2)


def test_short_lengths_give_what_they_have_and_the_note_says_so():
    sample = sample_task(ContainsAny(lengths=(1, 5)), SIZES, seed=0)
    counts = Counter(map(len, list_all(sample)))
    assert (counts[1], counts[2]) == (2, 38)
    assert counts[3] == 542
    assert abs(counts[4] - counts[5]) <= 6
    assert sample.notes == (
        "Few strings, using all that keep the classes balanced: 2 of length 1, 38 of length 2, "
        f"542 of length 3; the other lengths have {min(counts[4], counts[5])} or more each.",
    )


def test_short_lengths_stay_balanced_in_every_split():
    sample = sample_task(ContainsAny(lengths=(1, 5)), SIZES, seed=0)
    for split in sample.splits.values():
        counts = count_by_length(split)
        assert all(counts[length, 0] == counts[length, 1] for length in range(1, 6))


def test_a_length_without_two_classes_is_left_out_and_the_notes_say_so():
    sample = sample_task(StartsWithB(alphabet="ab", lengths=(1, 8)), {"train": 100}, seed=0)
    assert {len(text) for text in list_all(sample)} == {2, 4, 5, 6, 7, 8}
    assert sample.notes[:2] == (
        "Left out, length 1: every string is 'other'.",
        "Left out, length 3: no string has a class.",
    )


def test_a_long_list_of_short_lengths_is_cut():
    task = ContainsAny(alphabet="ab", characters="a", lengths=(1, 40), hits="natural")
    with pytest.raises(DataError, match="has only 80 of length 1 to 40"):
        sample_task(task, {"train": 81}, seed=0)
    task = PositionFirst(alphabet="ab", character="a", lengths=(1, 40))
    [note] = sample_task(task, {"train": 820}, seed=0).notes
    assert "2 of length 1, 3 of length 2" in note
    assert ", and " in note


@pytest.mark.parametrize("size", [13, 24_000])
def test_too_few_strings_are_an_error_that_says_how_many_there_are(size):
    task = ContainsAny(alphabet="ab", characters="a", lengths=(1, 6))
    expected = (
        f"data.sizes: {size:,} distinct strings requested, but data.task has only 12 of length "
        "1 to 6 that keep the classes balanced at each length; use smaller data.sizes"
    )
    with pytest.raises(DataError, match=expected):
        sample_task(task, {"train": size - 2, "validation": 1, "test": 1}, seed=0)


def test_no_length_with_two_classes_is_an_error():
    with pytest.raises(DataError, match="no length from 1 to 1 has strings of two classes"):
        sample_task(StartsWithB(alphabet="ab", lengths=(1, 1)), SIZES, seed=0)


@settings(max_examples=50)
@given(
    st.sampled_from(["ab", "abc", "abcd"]),
    st.tuples(st.integers(1, 4), st.integers(4, 7)),
    st.tuples(*[st.integers(1, 20)] * 3),
    st.integers(0, 9),
)
def test_small_languages_are_sampled_whole_or_refused(alphabet, lengths, sizes, seed):
    task = PositionFirst(alphabet=alphabet, lengths=lengths)
    named = dict(zip(SIZES, sizes, strict=True))
    rarest = [(len(alphabet) - 1) ** (n - 1) for n in range(lengths[0], lengths[1] + 1)]
    available = sum(count * (n + 1) for n, count in enumerate(rarest, lengths[0]))
    if sum(sizes) > available:
        with pytest.raises(DataError, match=f"has only {available} of length"):
            sample_task(task, named, seed)
    else:
        texts = list_all(sample_task(task, named, seed))
        assert len(set(texts)) == len(texts) == sum(sizes)
