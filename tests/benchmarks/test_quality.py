"""What docs/quality.md is made of: sets, contestants, rows and tables."""

import json

import numpy as np
import pytest
import quality
from quality_models import read_dataset, score_fasttext, score_linear
from quality_page import Row, Rows, mean_interval, score_table
from quality_sets import FEWEST_OF_A_CLASS, MOST_STRINGS, SETS, list_strings
from scipy import stats

from nlptrain.datasets.examples import Dataset, Examples


def make_row(contestant="linear", seed=0, accuracy=0.5, of_set="names", **changes):
    depends_on = quality.hash_text(quality.settings_of(contestant))
    values = {"macro_f1": 0.4, "validation": None, "chosen": "", "strings": 100, "test": 20}
    values |= {"classes": 2, "processor_seconds": 1.0, "depends_on": depends_on, "data": "d"}
    return Row(of_set, contestant, seed, accuracy, **(values | changes))


@pytest.fixture
def letters():
    """Strings that tell their label by the letter in the middle."""
    texts = [f"{number}{letter}{number}" for number in range(60) for letter in "ab"]
    classes = np.tile([0, 1], 60)
    parts = [Examples(texts[part], classes[part]) for part in (slice(80), slice(80, 96))]
    return Dataset(*parts, Examples(texts[96:], classes[96:]), labels=("a", "b"))


@pytest.mark.parametrize("name", SETS)
def test_a_set_has_distinct_strings_of_one_label_each(name):
    pairs = list_strings(name)
    assert 5_000 < len(pairs) <= MOST_STRINGS
    assert len({text for text, _ in pairs}) == len(pairs)
    assert all(text == " ".join(text.split()) for text, _ in pairs)
    _, sizes = np.unique([label for _, label in pairs], return_counts=True)
    assert len(sizes) > 3
    assert sizes.min() > FEWEST_OF_A_CLASS / 4
    assert list_strings(name) == pairs


@pytest.mark.parametrize("score", [score_linear, score_fasttext])
def test_rivals_learn_what_n_grams_tell(letters, score):
    if score is score_fasttext:
        pytest.importorskip("fasttext")
    found = score(letters, seed=0)
    assert (found.accuracy, found.macro_f1, found.validation) == (1, 1, 1)
    assert score(letters, seed=0) == found


def test_splits_are_80_to_20(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(["text,label", *(f"s{n},{n % 2}" for n in range(100))]))
    sizes = read_dataset(f"{{path: {path}}}", seed=0).sizes
    assert sizes == {"train": 70, "validation": 10, "test": 20}


def test_the_interval_is_students():
    values = [0.81, 0.84, 0.80, 0.86, 0.82]
    found = mean_interval(values)
    low, high = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    assert (found.value - found.half, found.value + found.half) == pytest.approx((low, high))
    assert np.isnan(mean_interval([0.8]).half)


def test_a_lead_is_of_the_seeds_that_both_have():
    own = [make_row("own_file", seed, accuracy) for seed, accuracy in enumerate((0.9, 0.8, 0.1))]
    linear = [make_row("linear", seed, accuracy) for seed, accuracy in enumerate((0.8, 0.7))]
    rows = Rows([*own, *linear])
    lead = rows.difference("names", "own_file", "linear", "accuracy")
    assert (lead.value, lead.half, lead.count) == (pytest.approx(0.1), pytest.approx(0), 2)
    written = score_table(rows, ["names"], ("linear", "own_file"), "accuracy", "own_file")
    assert written.splitlines()[-1].startswith("| names | 75.0 ± 63.5 | 60.0 ± ")
    assert written.endswith("| +10.0 ± 0.0 | 2 to 3 |")


def test_rows_of_another_config_or_of_other_strings_do_not_count():
    old = make_row("own_file", depends_on="of an older config")
    other_strings = make_row("linear", data="e")
    rows = [old, other_strings, make_row("own_file"), make_row("own_file", seed=1, data="f")]
    assert quality.current_rows(rows) == rows[2:]


def test_what_has_a_row_is_not_trained_again(tmp_path, monkeypatch):
    rows, page, mine = tmp_path / "rows.jsonl", tmp_path / "page.md", tmp_path / "mine.csv"
    mine.write_text("\n".join(f"{'ab'[n % 2]},s{n}{'xy'[n % 2]}" for n in range(100)))
    names = ("accuracy", "macro F1", "sets", "time")
    page.write_text("".join(f"<!-- {name} -->\n<!-- end -->\n" for name in names))

    def run(*seeds):
        words = ["--seeds", *seeds, "--sets", "--contestants", "linear", "--file"]
        words += [f"mine={mine},1,0", "--rows", str(rows), "--page", str(page)]
        monkeypatch.setattr("sys.argv", ["quality.py", *words])
        quality.main()
        return [json.loads(line)["seed"] for line in rows.read_text().splitlines()]

    assert run("0") == [0]
    assert run("0", "1") == [0, 1]
    assert "| mine | 100.0 ± 0.0 |" in page.read_text()
