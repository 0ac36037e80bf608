import numpy as np
import pytest

from nlptrain.config.data import DataFile, DataSection, SplitFractions, SplitSizes
from nlptrain.config.text import TextSection
from nlptrain.datasets.build import build_dataset
from nlptrain.errors import ConfigError, DataError
from nlptrain.tasks.contains_any import ContainsAny
from nlptrain.tasks.parity import Parity
from nlptrain.tasks.position_first import PositionFirst
from nlptrain.tasks.sorted import Sorted

SIZES = SplitSizes(train=30, validation=8, test=6)


def build(task, text=None, seed=0):
    return build_dataset(DataSection(task=task, sizes=SIZES), text or TextSection(), seed=seed)


def test_task_gives_its_labels_and_splits_of_the_sizes():
    dataset = build(ContainsAny(characters="ab"))
    assert {name: len(split) for name, split in dataset.splits.items()} == SIZES.model_dump()
    assert dataset.labels == ("absent", "present")
    for split in dataset.splits.values():
        expected = [int("a" in text or "b" in text) for text in split.texts]
        assert split.classes.tolist() == expected


def test_position_task_says_where():
    train = build(PositionFirst(character="a", lengths=(4, 4))).train
    assert train.classes.tolist() == [text.find("a") % 5 for text in train.texts]


def test_seed_decides_the_strings():
    first, again, other = (build(ContainsAny(), seed=seed).fingerprint for seed in (1, 1, 2))
    assert first == again != other


def test_without_a_source_the_default_task_is_drawn():
    dataset = build_dataset(DataSection(), TextSection(), seed=0)
    assert len(dataset.train) == SplitSizes().train


@pytest.mark.parametrize(
    ("alphabet", "text"),
    [
        ("abA", TextSection(lowercase=True)),
        ("abﬁ", TextSection(unicode="NFKC")),
        ("aé", TextSection(unicode="NFD")),
    ],
)
def test_letters_that_the_normalization_changes_are_refused(alphabet, text):
    with pytest.raises(ConfigError, match=r"data.task.alphabet: .* becomes"):
        build(ContainsAny(alphabet=alphabet), text)


def test_letters_that_join_their_neighbours_are_refused():
    # Each stays as it is alone, and b + ´ too, but a + ´ becomes á.
    task = ContainsAny(alphabet="ab\u0301", lengths=(6, 6))
    with pytest.raises(ConfigError, match=r"data.task.alphabet: .*\u0301.* becomes .*\u00e1"):
        build(task)
    assert len(build(task, TextSection(unicode="none")).train) == 30


@pytest.mark.parametrize(
    "task", [ContainsAny(alphabet="abc", lengths=(3, 5)), Sorted(lengths=(3, 5), alphabet="abcd")]
)
def test_fresh_strings_are_never_those_of_validation_and_test(task):
    data = DataSection(task=task, sizes=SIZES, fresh=True)
    dataset = build_dataset(data, TextSection(), seed=0)
    held_out = {*dataset.validation.texts, *dataset.test.texts}
    epochs = [dataset.fresh(epoch) for epoch in range(1, 30)]
    assert not held_out & {text for examples in epochs for text in examples.texts}
    for examples in epochs:
        assert len(set(examples.texts)) == len(examples) == 30
        assert examples.classes.sum() == 15


def test_fresh_strings_leave_out_lengths_that_lost_a_class_to_validation_and_test():
    # One string of length 1 has an a, 99 have none: the one is soon held out.
    task = Parity(character="a", alphabet="abcdefghij", lengths=(1, 3), negatives="uniform")
    sizes = SplitSizes(train=40, validation=120, test=60)
    dataset = build_dataset(DataSection(task=task, sizes=sizes, fresh=True), TextSection(), seed=0)
    held_out = {*dataset.validation.texts, *dataset.test.texts}
    fresh = dataset.fresh(1)
    assert "a" in held_out
    assert "b" not in held_out
    assert not any(len(text) == 1 for text in fresh.texts)
    assert fresh.classes.sum() == 20


def test_fresh_strings_depend_on_seed_and_epoch_only():
    data = DataSection(task=ContainsAny(), sizes=SIZES, fresh=True)
    first, again, other = (build_dataset(data, TextSection(), seed=seed) for seed in (1, 1, 2))
    again.fresh(3)
    assert first.fresh(7).texts == again.fresh(7).texts
    assert first.fresh(7).texts != first.fresh(8).texts
    assert first.fresh(7).texts != other.fresh(7).texts
    assert first.fresh(1).texts != first.train.texts


def test_without_fresh_all_epochs_have_the_same_strings():
    assert build(ContainsAny()).fresh is None


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "names.csv"
    rows = [f"{letter}{number},{letter}" for letter in "ab" for number in range(20)]
    path.write_text("\n".join(["text,label", *rows]))
    return DataFile(path=str(path))


def test_file_is_split_by_the_fractions(csv):
    fractions = SplitFractions(train=0.5, validation=0.3, test=0.2)
    data = DataSection(file=csv, split=fractions)
    dataset = build_dataset(data, TextSection(), seed=0)
    assert [len(split) for split in dataset.splits.values()] == [20, 12, 8]
    assert dataset.labels == ("a", "b")
    for split in dataset.splits.values():
        np.testing.assert_array_equal(split.classes, [text[0] == "b" for text in split.texts])


def test_file_without_fractions_is_split_in_eight_one_one(csv):
    dataset = build_dataset(DataSection(file=csv), TextSection(), seed=0)
    assert [len(split) for split in dataset.splits.values()] == [32, 4, 4]


def test_missing_file_is_refused(tmp_path):
    data = DataSection(file=DataFile(path=str(tmp_path / "missing.csv")))
    with pytest.raises(DataError, match=r"missing\.csv"):
        build_dataset(data, TextSection(), seed=0)
