"""The command as a user sees it, on tasks so small that it takes a moment."""

from pathlib import Path

import pytest

from nlptrain.comparison import run as comparison
from nlptrain.files.storage import read_json
from nlptrain.tasks.partners import Partners

CONFIG = """
name: tiny
data:
  sizes: {train: 200, validation: 60, test: 400}
model: {embedding: {dim: 4}}
optimizer: {type: adam, learning_rate: 0.01}
training: {steps: 40, batch_size: 32}
comparison:
  seeds: 2
  trials: 1
  encoders:
    - {name: mean pooling, encoder: {type: pooling}, readout: mean}
    - {name: RNN, encoder: {type: rnn, hidden_size: 4}}
  tasks:
    - data: {task: {type: sorted, lengths: [5, 8]}}
    - data: {task: {type: majority, lengths: [4, 9]}, evaluate_lengths: [[20, 30]]}
"""


@pytest.fixture
def compare(cli, workplace):
    """Compare two encoders on two tasks in this process."""
    Path("tiny.yaml").write_text(CONFIG, encoding="utf-8")

    def run(*arguments):
        return cli("compare-encoders", "tiny.yaml", "--jobs", "1", *arguments)

    return run


def numbers(folder):
    return read_json(Path(folder) / "comparison.json")


def test_command_shows_the_matrix_what_it_means_and_where_the_rest_is(compare):
    code, out, err = compare()
    matrix, others, mark, sentences, places = out.split("\n\n")
    assert code == 0
    assert "mean pooling" in matrix.splitlines()[1]
    assert "sorted" in matrix
    assert "5–8, same letters" in matrix
    assert "× 50.0" in matrix
    assert "20–30" in others
    assert mark.startswith("×: 50 % by construction")
    assert "All 2 scores with an exact ceiling are 50 % to the last string." in sentences
    paths = [line.split()[-1] for line in places.splitlines()]
    assert [Path(path).name for path in paths[:2]] == ["encoders.svg", "report.html"]
    assert all(Path(path).exists() for path in paths)
    assert "final: 8 of 8 trials" in err


def test_matrix_to_paste_has_the_lengths_not_seen_in_training_too(compare):
    assert "| majority | 20–30" in compare("--markdown").out
    out = compare("--csv", "--quiet").out
    assert out.startswith("task,lengths,seen_in_training,encoder,")
    assert len(out.splitlines()) == 1 + 4 + 2


def test_mean_pooling_counts_at_any_length(compare):
    compare("--set", "training.steps=300", "--task", "majority", "--output", "o")
    cell = numbers("o")["matrix"][0][0]
    assert cell["mean"] > 0.97
    assert cell["other_means"][0] > 0.9


def test_comparison_goes_on_where_it_was_and_ends_the_same(compare, monkeypatch):
    compare("--output", "whole")
    finished, run = [], comparison.run_trials

    def stop(group):
        if len(finished) == 3:
            raise KeyboardInterrupt
        finished.append(group)
        return run(group)

    monkeypatch.setattr(comparison, "run_trials", stop)
    assert compare("--output", "o").code == 130
    monkeypatch.setattr(comparison, "run_trials", run)
    assert "final: 3 of 8 trials" in compare("--output", "o").err
    whole, resumed = (Path(name, "comparison.json").read_bytes() for name in ("whole", "o"))
    assert whole == resumed


def test_rows_and_columns_are_chosen(compare):
    _, out, _ = compare("--task", "sorted", "--encoder", "RNN", "--seeds", "1", "--output", "o")
    assert "majority" not in out
    assert "At lengths not seen in training" not in out
    assert [trial["contestant"] for trial in numbers("o")["trials"]] == ["sorted: RNN"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--task", "parity"), "--task parity: not one of 'sorted', 'majority'"),
        (("--encoder", "CNN"), "--encoder CNN: not one of 'mean pooling', 'RNN'"),
        (("--set", "comparison.encoders.0.name=a:b"), "'a:b' is not a valid name"),
        (("--set", "comparison.encoders.0.name=RNN"), "two entries are named 'RNN'"),
        (("--set", "comparison.tasks.1.data.task.type=sorted"), "two entries are named 'sorted'"),
    ],
)
def test_mistake_is_said_and_nothing_is_trained(compare, arguments, said):
    code, out, err = compare(*arguments)
    assert (code, out) == (1, "")
    assert said in err
    assert not Path("comparisons").exists()


def test_learning_rates_are_tried_on_request(compare):
    wide = ("--set", "comparison.max_widenings=0", "--task", "majority", "--output", "o")
    assert "tuning: 6 of 6 trials" in compare("--trials", "3", *wide).err
    assert numbers("o")["matrix"][0][0]["learning_rate"] in (
        trial["learning_rate"] for trial in numbers("o")["trials"] if trial["stage"] == "tuning"
    )


def test_broken_pairs_are_found_and_called_a_bug(compare, monkeypatch):
    def begin_with_the_last_letter(partners, letters, generator):
        """Match a sorted string with one that has a j more."""
        found, is_found = partners._change(letters, generator)
        found[:, 0] = 9
        return found, is_found & partners._wanted(found)

    monkeypatch.setattr(Partners, "_permute", begin_with_the_last_letter)
    # At a seed of its own: what other tests drew is kept.
    code, out, err = compare("--task", "sorted", "--set", "training.steps=200", "--set", "seed=99")
    assert code == 1
    assert "BUG: mean pooling misses its exact ceiling of 50 % on sorted" in out
    assert "test strings of sorted have no match" in out
    assert "BUG: mean pooling misses" in err
    assert Path("comparisons/compare-tiny-001/report.html").is_file()


def test_config_without_tasks_is_its_own_task(cli, tiny):
    sizes = [each for each in tiny if each.startswith("data.")]
    words = [
        word
        for each in (*sizes, "training.steps=3", "comparison.trials=1")
        for word in ("--set", each)
    ]
    code, out, _ = cli("compare-encoders", "rnn", *words, "--seeds", "1", "--jobs", "1")
    assert code == 0
    assert "contains_any  4–12" in out
    assert all(name in out for name in ("max pooling", "CNN", "RNN tanh", "RNN ReLU"))
