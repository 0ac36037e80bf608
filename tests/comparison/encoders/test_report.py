import csv
import json
import re
from dataclasses import replace

import pytest

from nlptrain.comparison.encoders.page import render_matrix_page
from nlptrain.comparison.encoders.report import write_matrix_report
from nlptrain.errors import RunFolderError

PICTURES = {"encoders.svg": b"<svg/>", "other_lengths.svg": b"<svg/>"}


def page_of(results, grid):
    page = render_matrix_page(results, grid, PICTURES)
    return " ".join(re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL).split())


def test_folder_has_everything(results, grid, tmp_path):
    write_matrix_report(results, tmp_path, grid=grid)
    assert {path.name for path in tmp_path.iterdir()} == {
        "comparison.json",
        "encoders.svg",
        "other_lengths.svg",
        "report.html",
        "tensorboard",
        "trials.csv",
        "trials.parquet",
    }
    assert json.loads((tmp_path / "comparison.json").read_text())["encoders"] == ["pooling", "RNN"]
    with (tmp_path / "trials.csv").open() as file:
        assert len(list(csv.DictReader(file))) == len(results.trials)


def test_report_written_twice_is_the_same(results, grid, tmp_path):
    write_matrix_report(results, tmp_path, grid=grid)
    first = [(tmp_path / name).read_bytes() for name in ("comparison.json", "encoders.svg")]
    write_matrix_report(results, tmp_path, grid=grid)
    assert first == [(tmp_path / name).read_bytes() for name in ("comparison.json", "encoders.svg")]


def test_folder_that_is_gone_is_said(results, grid, tmp_path):
    with pytest.raises(RunFolderError, match="gone"):
        write_matrix_report(results, tmp_path / "gone", grid=grid)


def test_page_has_answer_matrix_rules_and_settings(results, grid):
    text = page_of(results, grid)
    assert "pooling learns majority" in text
    assert "sorted 6–14, same letters × 50.0 90.0 (100.0)" in text
    assert "majority 201–300 98.0 60.0" in text
    assert "it gives both strings of a pair the same logits" in text
    assert "Ranking" not in text


def test_page_begins_with_the_bug_if_there_is_one(make_matrix_results, grid):
    cells = {(task.name, name): [0.7] for task in grid.tasks for name in grid.encoders}
    others = {("majority", name): (0.5, 0.5) for name in grid.encoders}
    text = page_of(make_matrix_results(cells, others), grid)
    assert "Encoders: optimizers BUG: pooling misses" in text
    assert text.count("BUG") == 1


def test_names_of_the_users_are_escaped(make_matrix_results, grid):
    odd = replace(grid, encoders=("<b>x</b>",), ceilings=frozenset())
    cells = {(task.name, "<b>x</b>"): [0.7] for task in grid.tasks}
    others = {("majority", "<b>x</b>"): (0.5, 0.5)}
    assert "<b>" not in render_matrix_page(make_matrix_results(cells, others), odd, PICTURES)
