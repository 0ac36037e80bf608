"""Training strings that are read anew in each epoch: held against a plain Python of the same."""

import random
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from nlptrain.config.load import load_config
from nlptrain.datasets.build import build_dataset
from nlptrain.errors import ConfigError, DataError

WINDOW, SHARDS = 7, 5


def draw_rows(number, seed=0):
    """Draw rows with many duplicates, some of two labels, and rare characters."""
    lot = random.Random(seed)
    rows = []
    for _ in range(number):
        text = "".join(lot.choices("abcdé", [8, 6, 4, 2, 0.3], k=lot.randint(0, 5)))
        rows.append((text, "xyz"[min(len(text) // 2, 2)] if lot.random() < 0.9 else "x"))
    return rows


@pytest.fixture
def write(tmp_path):
    """Write rows as shards: the folder, and the rows of each shard."""

    def make(rows, shards=SHARDS, name="shards"):
        folder = tmp_path / name
        folder.mkdir()
        ends = [len(rows) * number // shards for number in range(shards + 1)]
        parts = [rows[start:end] for start, end in pairwise(ends)]
        for number, part in enumerate(parts):
            lines = ["text,label", *(",".join(row) for row in part)]
            (folder / f"{number}.csv").write_text("".join(f"{line}\n" for line in lines))
        return folder, parts

    return make


def build(path, *settings, seed=0, window=WINDOW):
    overrides = [
        f"data={{file: {{path: {path}, min_examples: 1}}, stream: true, stream_window: {window}}}",
        *settings,
    ]
    config = load_config("rnn", ["data.sizes=null", *overrides]).config
    return build_dataset(config.data, config.text, seed=seed)


def windows(parts, size=WINDOW):
    """Give the distinct strings of each window, with the most frequent label, first seen first."""
    for part in parts:
        for start in range(0, len(part), size):
            labels = defaultdict(Counter)
            for text, label in part[start : start + size]:
                labels[text][label] += 1
            yield {text: counter.most_common(1)[0][0] for text, counter in labels.items()}


def read_all(dataset):
    found = list(dataset.stream.read(range(dataset.stream.num_shards)))
    return Counter(
        (text, dataset.labels[index])
        for each in found
        for text, index in zip(each.texts, each.classes.tolist(), strict=True)
    )


@pytest.mark.parametrize("held_out", [3, 20, 1000])
@pytest.mark.parametrize("seed", [0, 1])
def test_epoch_has_every_string_of_no_other_split(write, held_out, seed):
    folder, parts = write(draw_rows(400))
    dataset = build(folder, f"data.stream_held_out={held_out}", seed=seed)
    kept = {*dataset.validation.texts, *dataset.test.texts}
    expected = Counter(
        item for window in windows(parts) for item in window.items() if item[0] not in kept
    )
    assert read_all(dataset) == expected
    assert dataset.sizes["train"] == expected.total()
    assert dataset.stream.class_sizes.tolist() == [
        sum(n for (_, label), n in expected.items() if label == name) for name in dataset.labels
    ]
    assert set(dataset.train.texts) <= {text for text, _ in expected}


@pytest.mark.parametrize("held_out", [3, 20, 1000])
def test_validation_and_test_hold_each_string_once_with_the_label_of_most_windows(write, held_out):
    folder, parts = write(draw_rows(400))
    dataset = build(folder, f"data.stream_held_out={held_out}")
    votes = defaultdict(Counter)
    for window in windows(parts):
        for text, label in window.items():
            votes[text][label] += 1
    validation, test = dataset.validation, dataset.test
    texts = [*validation.texts, *test.texts]
    assert len(texts) == len(set(texts))
    assert 0 < len(validation) <= held_out
    assert 0 < len(test) <= held_out
    classes = [*validation.classes.tolist(), *test.classes.tolist()]
    for text, index in zip(texts, classes, strict=True):
        assert dataset.labels[index] == votes[text].most_common(1)[0][0]


@pytest.mark.parametrize("min_count", [1, 3, 12])
@pytest.mark.parametrize("held_out", [3, 1000])
def test_vocabulary_is_that_of_the_training_strings(write, held_out, min_count):
    folder, _ = write(draw_rows(400))
    dataset = build(folder, f"data.stream_held_out={held_out}", f"text.min_count={min_count}")
    counts = Counter()
    for (text, _), number in read_all(dataset).items():
        for character in set(text):
            counts[character] += number
    known = sorted(character for character, number in counts.items() if number >= min_count)
    assert dataset.stream.vocabulary.characters == "".join(known)
    assert dataset.stream.has_rare_characters == (len(known) < len(counts))


def test_splits_are_about_as_large_as_they_are_said_to_be(write):
    rows = [(f"{number:05}", "xy"[number % 2]) for number in range(4000)]
    folder, _ = write(rows)
    settings = "data.split={train: 0.7, validation: 0.2, test: 0.1}"
    sizes = build(folder, settings, window=1000).sizes
    assert sum(sizes.values()) == 4000
    # Four standard deviations of a binomial distribution: 4 √(4000 · 0.2 · 0.8) = 101.
    assert abs(sizes["validation"] - 800) < 101
    assert abs(sizes["test"] - 400) < 76


def test_split_of_a_string_is_the_same_in_any_file_with_any_others(write):
    rows = [(f"{number:05}", "xy"[number % 2]) for number in range(1000)]
    one = build(write(rows, name="one")[0])
    other = build(write(rows[::-3], shards=3, name="other")[0])
    assert set(other.test.texts) == set(one.test.texts) & {text for text, _ in rows[::-3]}
    assert set(build(one.stream.reader.file.path, seed=5).test.texts) != set(one.test.texts)


def test_strings_that_are_read_alike_are_in_one_split(write):
    rows = [(f"{number:03}{end}", "xy"[number % 2]) for number in range(300) for end in "abc"]
    random.Random(0).shuffle(rows)
    dataset = build(write(rows)[0], "text.max_length=3")
    splits = [{text[:3] for text in split.texts} for split in (dataset.validation, dataset.test)]
    train = {text[:3] for text, _ in read_all(dataset)}
    assert not splits[0] & splits[1]
    assert not train & (splits[0] | splits[1])
    assert len(dataset.validation) == len(splits[0])


def test_fingerprint_tells_other_training_strings(write):
    rows = [(f"{number:03}", "xy"[number % 2]) for number in range(200)]
    one = build(write(rows, name="one")[0])
    rows[7] = (rows[7][0], "xy"[rows[7][1] == "x"])
    assert one.fingerprint != build(write(rows, name="other")[0]).fingerprint
    assert one.fingerprint == build(one.stream.reader.file.path).fingerprint


def test_rare_classes_are_left_out(write):
    rows = [*draw_rows(200), ("abc", "rare")]
    dataset = build(write(rows)[0], "data.file.min_examples=5")
    assert dataset.labels == ("x", "y", "z")
    assert any("1 class left out" in note for note in dataset.notes)


def test_bad_rows_stop_it_or_are_counted(write):
    folder, _ = write(draw_rows(200))
    with (folder / "2.csv").open("a") as file:
        file.write("a,b,c\n")
    with pytest.raises(DataError, match=r"(?s)1 bad row:.*2\.csv:42: 3 fields instead of 2"):
        build(folder)
    notes = build(folder, "data.file.bad_rows=skip").notes
    assert any(note.startswith("1 bad row skipped") for note in notes)


def test_shard_that_changes_meanwhile_ends_it(write):
    folder, _ = write(draw_rows(200))
    dataset = build(folder)
    with (folder / "2.csv").open("a") as file:
        file.write("".join(f"new{number},x\n" for number in range(50)))
    with pytest.raises(DataError, match="a shard has changed; train anew"):
        read_all(dataset)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([], "no rows"),
        ([(str(number), "x") for number in range(50)], "only one is left: 'x'"),
        ([("a", "x"), ("b", "y")], "no strings are left for"),
    ],
)
def test_file_that_cannot_give_three_splits_is_refused(write, rows, problem):
    with pytest.raises(DataError, match=problem):
        build(write(rows)[0])


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("data={stream: true}", "stream requires a file"),
        ("data={stream: true, file: {path: a.csv, group: b}}", "remove data.file.group"),
        ("data={stream: true, file: {path: a.csv, test_path: b}}", "remove data.file.test_path"),
        ("data={stream: true, file: {path: a.csv, conflicts: drop}}", "conflicts=majority"),
        ("data={stream: true, file: {path: a.csv}, folds: {}}", "remove data.folds"),
    ],
)
def test_setting_that_needs_all_strings_is_refused(setting, problem):
    with pytest.raises(ConfigError, match=problem):
        load_config("rnn", ["data.sizes=null", setting])


def test_refit_needs_all_strings():
    with pytest.raises(ConfigError, match=r"training\.refit"):
        load_config("own_file", ["data.file.path=a.csv", "data.stream=true"])
