"""The prepared check of a GPU, tried on a CPU: that it measures, and what it makes of figures."""

import subprocess
import sys
from pathlib import Path

import cuda
import pytest
from cuda_loops import Cell
from cuda_table import Result, list_rows, list_verdicts, recommend

from nlptrain.config.load import load_config

PROGRAM = Path(cuda.__file__)


def make_result(encoder="rnn", batch=64, hidden=64, work=1e6, busy=0.5, **rates):
    names = {"on_device": "on device", "by_hand": "CPU by hand", "loader": "DataLoader"}
    by_way = {names.get(way, way): rate for way, rate in rates.items()}
    return Result(encoder, batch, hidden, work, by_way, busy)


def test_every_way_of_training_is_measured():
    cell, strings = Cell("rnn", 8, 4, is_small=True), cuda.draw_strings(32)
    result = cuda.measure(cell, strings, "cpu", 0.3)
    ways = ["ours", "bfloat16", "DataLoader", "on device", "CPU by hand", "CPU torch"]
    assert list(result.rates) == ways
    assert all(rate > 0 for rate in result.rates.values())
    assert result.busy > 0


@pytest.mark.parametrize("encoder", cuda.ENCODERS)
def test_cells_are_the_networks_that_they_name(encoder):
    model = load_config("rnn", list(Cell(encoder, 16, 8, is_small=True).overrides())).config.model
    kind = model.encoder.cell.removesuffix("_tanh") if encoder in ("rnn", "gru", "lstm") else None
    assert (kind or model.encoder.type) == encoder
    assert model.embedding.dim == 8


@pytest.mark.long
def test_the_whole_program_writes_a_table(tmp_path):
    output = tmp_path / "table.md"
    options = ["--device", "cpu", "--quick", "--seconds", "4", "--output", str(output)]
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *options], check=True, capture_output=True, text=True
    )
    text = output.read_text()
    assert text.startswith("# CPU, ")
    assert "Tests: " in text
    assert "| pooling | 8 | 4 |" in text
    assert "times `DataLoader`" in text
    assert "written to" in done.stdout


def test_without_a_gpu_it_says_what_is_missing(monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    assert "finds no CUDA device" in cuda.find_missing("cuda")
    assert cuda.find_missing("cpu") is None


def test_what_was_not_measured_is_left_empty():
    rows = list(list_rows([make_result(ours=1500.0, by_hand=10.0), make_result(ours=20.0)]))
    assert rows[0] == "| 1,000 strings/s | units | batch | ours | CPU by hand | busy |"
    assert rows[2:] == [
        "| rnn | 64 | 64 | 1.5 | 0.0 | 50% |",
        "| rnn | 64 | 64 | 0.0 |  | 50% |",
    ]


def test_targets_are_counted():
    results = [
        make_result(ours=30.0, loader=10.0, on_device=40.0),
        make_result(ours=30.0, loader=20.0, on_device=30.0),
        make_result(batch=16384, hidden=1024, busy=0.9, ours=5.0, loader=5.0, on_device=1.0),
    ]
    assert list(list_verdicts(results))[:3] == [
        "- at least 2 times `DataLoader`: 1 of 2, from 1.50 to 3.00 times",
        "- at least 1 times `on device`: 2 of 3, from 0.75 to 5.00 times",
        "- busy at least 80% where largest: 1 of 1",
    ]


def test_a_threshold_lies_above_all_where_the_cpu_was_faster():
    results = [
        make_result(work=1e5, ours=1.0, by_hand=9.0),
        make_result(work=1e6, ours=2.0, by_hand=1.0),
        make_result(work=1e7, ours=1.0, by_hand=3.0),
    ]
    assert "a threshold of 10,000,000 would" in recommend(results)
    assert "a threshold of 1,000,000 would" in recommend(results[:2])
    assert "the CPU was faster wherever" in recommend(results[:1])
