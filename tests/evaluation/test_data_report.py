import json

import numpy as np
import pytest

from nlptrain.config.load import load_config
from nlptrain.datasets.examples import Examples
from nlptrain.evaluation.data_report import report_data, tabulate_lengths

SMALL = ["data.sizes.train=400", "data.sizes.validation=100", "data.sizes.test=200"]


@pytest.fixture(scope="module")
def task_report():
    return report_data(load_config("rnn", SMALL).config)


def test_a_task_balances_lengths_and_its_letters_tell(task_report):
    shallow = {score.features: score for score in task_report.shallow}
    assert not shallow["length"].beats_chance
    assert shallow["letter set"].accuracy == 1
    assert task_report.overlap == 0
    assert task_report.findings == []
    assert task_report.splits["train"].majority_rate == pytest.approx(0.5, abs=0.01)


def test_json_holds_the_whole_report(task_report):
    values = json.loads(json.dumps(task_report.to_json()))
    assert values["splits"]["test"]["by_class"] == [100, 100]
    assert values["shallow"][0]["beats_chance"] is False
    assert sum(sum(row["by_class"]) for row in values["lengths"]) == 700


def test_a_file_is_reported_with_its_oddities_and_unknown_characters(tmp_path):
    path = tmp_path / "data.csv"
    rows = [f"s{number},{'xy'[number % 2]}" for number in range(100)]
    path.write_text("\n".join(["text,label", *rows, *rows[:7], "é é,x"]), encoding="utf-8")
    report = report_data(load_config("own_file", [f"data.file.path={path}", *columns()]).config)
    assert [finding.kind for finding in report.findings] == ["duplicates"]
    assert sum(split.unknown for split in report.splits.values()) == 3
    assert report.characters == 13


def test_strings_are_reported_as_the_network_reads_them(tmp_path):
    path = tmp_path / "data.csv"
    rows = [f"{number:03}{end},{'xy'[number % 2]}" for number in range(100) for end in ("", "ab")]
    path.write_text("\n".join(["text,label", *rows, "000c,x", "000d,y"]), encoding="utf-8")
    settings = [f"data.file.path={path}", *columns(), "text.max_length=4", "text.vocabulary=0123"]
    report = report_data(load_config("own_file", settings).config)
    assert report.overlap == 0
    assert [split.longest for split in report.splits.values()] == [4, 4, 4]
    assert {finding.kind for finding in report.findings} >= {"duplicates", "conflicts"}
    [duplicates] = [each for each in report.findings if each.kind == "duplicates"]
    # 0 to 3 or an unknown character, twice, and an unknown one behind it or not.
    assert "202 rows, 50 distinct strings (202 as they stand" in duplicates.sentence
    assert sum(split.examples for split in report.splits.values()) == 50


def columns():
    return ["data.file.text=text", "data.file.label=label"]


def test_lengths_share_rows_where_they_are_many():
    generator = np.random.default_rng(0)
    lengths = generator.integers(0, 500, 3000)
    texts = ["a" * length for length in lengths]
    rows = tabulate_lengths([Examples(texts, (lengths > 250).astype(np.int64))], 2)
    assert len(rows) == 20
    assert [row.shortest for row in rows[1:]] == [row.longest + 1 for row in rows[:-1]]
    assert sum(sum(row.by_class) for row in rows) == 3000
    assert rows[0].by_class[1] == rows[-1].by_class[0] == 0
