import json
from pathlib import Path

import numpy as np
import pytest

from nlptrain.errors import RunFolderError
from nlptrain.reporting.metrics_file import MetricsFile
from nlptrain.reporting.records import EvaluationRecord, StepRecord, TrainingMeans


def step(number, loss=0.5, grad_norm=None):
    return StepRecord(number, 1, loss, 3, 4, 0.001, grad_norm)


def evaluation(number, loss=0.25):
    matrix = np.array([[5, 0], [1, 4]])
    return EvaluationRecord(number, 2, 0.5, 0.75, loss, 0.9, 0.875, matrix, is_best=True)


def read_lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(path, records, every_steps=1, offset=0):
    file = MetricsFile(path, every_steps, offset)
    for record in records:
        file.report(record)
    file.close()


def test_step_line_holds_the_record_and_its_accuracy(tmp_path):
    write(tmp_path / "m", [step(7, grad_norm=1.5)])
    assert read_lines(tmp_path / "m") == [
        {
            "kind": "step",
            "step": 7,
            "epoch": 1,
            "loss": 0.5,
            "accuracy": 0.75,
            "learning_rate": 0.001,
            "grad_norm": 1.5,
        }
    ]


def test_skipped_step_has_a_line_of_its_own_and_no_loss(tmp_path):
    skipped = StepRecord(3, 1, float("nan"), 0, 4, 0.001, None, skipped=True)
    write(tmp_path / "m", [step(1), step(2), skipped, step(4)], every_steps=2)
    lines = read_lines(tmp_path / "m")
    assert [line["step"] for line in lines] == [2, 3, 4]
    assert (lines[1]["loss"], lines[1]["skipped"]) == (None, True)
    assert "skipped" not in lines[0]


def test_evaluation_line_names_both_splits(tmp_path):
    write(tmp_path / "m", [evaluation(9)])
    assert read_lines(tmp_path / "m") == [
        {
            "kind": "evaluation",
            "step": 9,
            "epoch": 2,
            "train_loss": 0.5,
            "train_accuracy": 0.75,
            "validation_loss": 0.25,
            "validation_accuracy": 0.9,
            "validation_macro_f1": 0.875,
            "is_best": True,
        }
    ]


def test_only_every_third_step_and_every_evaluation_are_written(tmp_path):
    write(tmp_path / "m", [*map(step, range(1, 8)), evaluation(7)], every_steps=3)
    lines = read_lines(tmp_path / "m")
    assert [(line["kind"], line["step"]) for line in lines] == [
        ("step", 3),
        ("step", 6),
        ("evaluation", 7),
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_number_that_json_lacks_is_null(tmp_path, value):
    write(tmp_path / "m", [step(1, loss=value, grad_norm=value), evaluation(1, loss=value)])
    first, second = read_lines(tmp_path / "m")
    assert first["loss"] is None
    assert first["grad_norm"] is None
    assert second["validation_loss"] is None


def test_evaluation_can_be_read_while_training_goes_on(tmp_path):
    file = MetricsFile(tmp_path / "m", 1)
    file.report(step(1))
    file.report(evaluation(1))
    assert len(read_lines(tmp_path / "m")) == 2
    file.close()


def test_offset_counts_the_bytes_on_disk(tmp_path):
    file = MetricsFile(tmp_path / "m", 1)
    file.report(step(1))
    assert file.offset() == (tmp_path / "m").stat().st_size > 0
    file.close()


def test_resumed_file_equals_an_unbroken_one(tmp_path):
    records = [record for n in range(1, 9) for record in (step(n, loss=1 / n), evaluation(n))]
    write(tmp_path / "whole", records)
    file = MetricsFile(tmp_path / "broken", 1)
    for record in records[:6]:
        file.report(record)
    offset = file.offset()
    for record in records[6:11]:
        file.report(record)
    file.close()
    write(tmp_path / "broken", records[6:], offset=offset)
    assert (tmp_path / "broken").read_bytes() == (tmp_path / "whole").read_bytes()


def test_start_without_offset_drops_what_an_earlier_try_wrote(tmp_path):
    write(tmp_path / "m", map(step, range(1, 9)))
    write(tmp_path / "m", [step(1)])
    assert [line["step"] for line in read_lines(tmp_path / "m")] == [1]


def test_resume_without_the_file_is_refused(tmp_path):
    with pytest.raises(RunFolderError, match=r"gone: missing, .* first 10 bytes"):
        MetricsFile(tmp_path / "gone", 1, offset=10)


def test_resume_of_a_shortened_file_is_refused_and_leaves_it_alone(tmp_path):
    (tmp_path / "m").write_bytes(b"12345")
    with pytest.raises(RunFolderError, match="5 bytes, but the checkpoint requires 6"):
        MetricsFile(tmp_path / "m", 1, offset=6)
    assert (tmp_path / "m").read_bytes() == b"12345"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_full_disk_is_a_message_about_the_file(tmp_path):
    path = tmp_path / "metrics.jsonl"
    path.symlink_to("/dev/full")
    file = MetricsFile(path, 1)
    with pytest.raises(RunFolderError, match=r"metrics\.jsonl: cannot write: No space left"):
        file.report(evaluation(1))
    with pytest.raises(RunFolderError, match="No space left"):
        file.close()
    file.close()


def test_folder_that_is_gone_is_a_message_about_the_file(tmp_path):
    with pytest.raises(RunFolderError, match="cannot write: "):
        MetricsFile(tmp_path / "gone" / "m", 1)


def test_lines_of_a_second_phase_say_so(tmp_path):
    path, record = tmp_path / "m", TrainingMeans(4, 2, 0.25, float("nan"))
    write(path, [record])
    file = MetricsFile(path, 1, path.stat().st_size, phase="refit")
    file.report(record)
    file.close()
    first, second = read_lines(path)
    means = {"train_loss": 0.25, "train_accuracy": None}
    assert first == {"kind": "training", "step": 4, "epoch": 2} | means
    assert second == {"phase": "refit"} | first
