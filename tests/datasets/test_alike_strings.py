"""No string stands in two splits as the network sees it: after the cut, with its vocabulary."""

from collections import Counter
from itertools import combinations, pairwise, product

import numpy as np
import pytest

from nlptrain.config.data import DataFile, DataSection, Folds, SplitSizes
from nlptrain.config.text import TextSection
from nlptrain.datasets.build import build_dataset
from nlptrain.errors import DataError
from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.parity import Parity
from nlptrain.text.vocabulary import Vocabulary

PREFIXES = ["".join(letters) for letters in product("abcdefg", repeat=7)][:: 7**7 // 300][:300]
CUT = TextSection(max_length=7)
KNOWN = TextSection(vocabulary="abcdefg", min_count=1)


@pytest.fixture
def build(tmp_path):
    """Write rows to a file, or to several by setting, and build a dataset of them."""

    def write_and_build(rows, text=CUT, header="text,label", folds=None, files=None, **rules):
        paths = {}
        for setting, lines in {"path": rows, **(files or {})}.items():
            path = tmp_path / f"{setting}.csv"
            path.write_text("\n".join([header, *map(",".join, lines)]) + "\n")
            paths[setting] = str(path)
        data = DataSection(file=DataFile(**paths, **rules), folds=folds)
        return build_dataset(data, text, seed=1)

    return write_and_build


def pairs(ends="XY", labels="uuvv"):
    """Write 300 pairs of strings that are equal in their first seven characters."""
    return [
        (prefix + end, labels[(2 * number + place) % len(labels)])
        for number, prefix in enumerate(PREFIXES)
        for place, end in enumerate(ends)
    ]


def read(texts, text, learnt_from=None):
    """Give the token ids of each string."""
    vocabulary = Vocabulary.choose(text.vocabulary, learnt_from or texts, min_count=1)
    encoded = vocabulary.encode(texts, text.max_length)
    return [tuple(ids) for ids in np.split(encoded.ids, encoded.starts[1:])]


def count_shared(dataset, text=CUT):
    """Count the readings that two splits share."""
    every = [text for split in dataset.splits.values() for text in split.texts]
    readings = dict(zip(every, read(every, text), strict=True))
    splits = [{readings[each] for each in split.texts} for split in dataset.splits.values()]
    return sum(len(one & other) for one, other in combinations(splits, 2))


def count_strings(dataset):
    return sum(map(len, dataset.splits.values()))


@pytest.mark.parametrize("text", [CUT, KNOWN])
def test_none_of_300_pairs_that_read_alike_stands_in_two_splits(build, text):
    dataset = build(pairs(), text)
    assert count_shared(dataset, text) == 0
    assert count_strings(dataset) == dataset.counts["distinct_strings"] == 300
    assert dataset.counts["alike"] == 300


def test_strings_that_no_setting_makes_alike_are_all_kept(build):
    dataset = build(pairs(), TextSection(min_count=1))
    assert count_strings(dataset) == 600
    assert "alike" not in dataset.counts


def test_strings_stay_as_they_are_where_none_read_alike(build):
    rows = [(prefix + "XY"[number % 2], "uv"[number % 2]) for number, prefix in enumerate(PREFIXES)]
    assert build(rows).fingerprint == build(rows, TextSection()).fingerprint


def test_the_note_says_which_setting_did_it(build):
    notes = build(pairs()).notes
    assert notes[0] == "600 rows, 300 distinct strings: 300 duplicates dropped"
    assert notes[1] == (
        "of the duplicates, different only after 7 characters (text.max_length), which the "
        "network does not see: 300"
    )


def test_no_pair_stands_in_two_folds(build):
    turns = [build(pairs(), folds=Folds(number=4, held_out=part)) for part in range(1, 5)]
    assert [count_shared(dataset) for dataset in turns] == [0] * 4
    held_out = [text[:7] for dataset in turns for text in dataset.test.texts]
    assert sorted(held_out) == sorted(PREFIXES)


def test_pairs_join_their_groups(build):
    rows = [(*row, f"group {number}") for number, row in enumerate(pairs())]
    dataset = build(rows, header="text,label,group", group="group")
    assert dataset.counts["groups"] == 600
    assert dataset.counts["groups_joined"] == 300
    assert count_shared(dataset) == 0


def test_pair_of_two_files_stays_in_the_test(build):
    mine, theirs = pairs("X"), pairs("Y")
    dataset = build(mine, files={"test_path": theirs[:40]})
    assert len(dataset.test) == dataset.counts["overlap"] == 40
    assert count_shared(dataset) == 0


def test_pair_of_two_labels_is_a_conflict(build):
    rows = pairs(labels="uv")
    third = [(f"{prefix}Z", "v") for prefix in PREFIXES[:20]]
    assert build([*rows, *third]).counts["conflicts"] == 300
    with pytest.raises(DataError, match=f"300 strings carried.*\n.*'{PREFIXES[0]}': u .1., v .1."):
        build(rows, conflicts="error")
    with pytest.raises(DataError, match="two classes are needed, none is left"):
        build(rows, conflicts="drop", max_left_out=1)


def test_of_a_pair_the_first_string_of_the_chosen_label_stays(build):
    rows = [(f"{prefix}{end}", label) for prefix in PREFIXES for end, label in ("Xv", "Yu", "Zu")]
    dataset = build([*rows, *((f"s{number}", "v") for number in range(10))])
    kept = [text for split in dataset.splits.values() for text in split.texts]
    assert Counter(text[-1] for text in kept if len(text) == 8) == {"Y": 300}


def test_with_a_min_count_of_one_no_other_string_reads_like_one_of_training(build):
    generator = np.random.default_rng(0)
    letters = [chr(0x4E00 + number) for number in generator.zipf(1.3, 2000) if number < 5000]
    rows = [(one + other, "uv"[place % 2]) for place, (one, other) in enumerate(pairwise(letters))]
    text = TextSection(min_count=1)
    dataset = build(rows, text)
    learnt_from = dataset.train.texts
    train, validation, test = (
        set(read(split.texts, text, learnt_from)) for split in dataset.splits.values()
    )
    assert len(validation | test) < len(dataset.validation) + len(dataset.test)
    assert not train & (validation | test)


# Synthetic tasks.


def draw(task, text, sizes=(400, 60, 60), **settings):
    names = ("train", "validation", "test")
    data = DataSection(
        task=task, sizes=SplitSizes(**dict(zip(names, sizes, strict=True))), **settings
    )
    return build_dataset(data, text, seed=1)


TASK = ContainsAny(alphabet="abcd", lengths=(4, 12))


@pytest.mark.parametrize("text", [TextSection(max_length=5), TextSection(vocabulary="ab")])
def test_no_two_strings_of_a_task_read_alike(text):
    dataset = draw(TASK, text)
    texts = [each for split in dataset.splits.values() for each in split.texts]
    assert len(set(read(texts, text))) == len(texts) == 520 - dataset.counts["alike"]
    assert dataset.counts["alike"] > 0
    assert "differ from another only" in dataset.notes[-1]
    assert [len(dataset.validation), len(dataset.test)] <= [60, 60]


def test_settings_that_cut_no_string_of_a_task_change_nothing():
    expected = draw(TASK, TextSection()).fingerprint
    assert draw(TASK, TextSection(max_length=12, vocabulary="xdcba")).fingerprint == expected


def test_fresh_strings_read_like_none_of_validation_and_test():
    text = TextSection(max_length=5)
    dataset = draw(TASK, text, fresh=True)
    held_out = {each[:5] for split in (dataset.validation, dataset.test) for each in split.texts}
    for epoch in (1, 2):
        fresh = dataset.fresh(epoch)
        assert len(fresh) == len(fresh.classes) == len(dataset.train)
        assert not held_out & {each[:5] for each in fresh.texts}


def test_further_test_strings_read_like_none_of_the_splits():
    text = TextSection(max_length=12)
    dataset = draw(
        ContainsAny(alphabet="ab", lengths=(4, 12), negatives="uniform"),
        text,
        sizes=(6, 2, 2),
        evaluate_lengths=[(13, 14)],
    )
    read_before = {each for split in dataset.splits.values() for each in split.texts}
    readings = [each[:12] for each in dataset.other_lengths.texts]
    assert readings
    assert len(set(readings)) == len(readings)
    assert not read_before & set(readings)


@pytest.mark.parametrize(
    ("sizes", "settings", "message"),
    [
        ((40, 6, 6), {}, r"data\.task: no string .* left .* only after 1 character .text\.max_le"),
        ((40, 6, 6), {"fresh": True}, "let the network see more of them"),
    ],
)
def test_too_few_strings_are_refused_with_the_setting(sizes, settings, message):
    with pytest.raises(DataError, match=message):
        draw(Parity(lengths=(6, 8)), TextSection(max_length=1), sizes, **settings)
