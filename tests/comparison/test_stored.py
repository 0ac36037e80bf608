"""A comparison from its folder alone: its report, and its trials joined with others'."""

import json
from dataclasses import replace

import pytest

from nlptrain.comparison.stored import join, report_again
from nlptrain.comparison.trials.adams import AdamParity, read_adams, write_adams
from nlptrain.comparison.trials.store import (
    COMMAND_FILE,
    PROTOCOL_FILE,
    TRIALS_FILE,
    open_store,
    read_protocol,
)
from nlptrain.errors import ConfigError, RunFolderError

FILES = ("comparison.json", "report.html", "trials.csv")


@pytest.fixture(scope="session")
def engine():
    """Train by hand alone: what is stored does not depend on the engine."""
    return "numpy"


def contents(folder):
    return {name: (folder / name).read_bytes() for name in FILES}


def refusal(*arguments):
    with pytest.raises(RunFolderError) as refused:
        join(*arguments)
    return str(refused.value)


@pytest.mark.parametrize("trials", [1, 2])
def test_report_is_the_same_from_the_folder_alone(make_comparison, no_training, trials):
    results, folder = make_comparison(f"comparison.trials={trials}")
    before = contents(folder)
    for name in FILES:
        (folder / name).unlink()
    no_training()
    again = report_again(folder)
    assert (again.grid, again.folder, again.results.chosen) == (None, folder, results.chosen)
    assert again.results.trials == results.trials
    assert contents(folder) == before


def test_unfinished_comparison_names_the_command_that_finishes_it(make_comparison):
    _, folder = make_comparison(command="nlptrain compare-optimizers rnn --seeds 2")
    path = folder / TRIALS_FILE
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(RunFolderError) as refused:
        report_again(folder)
    assert str(refused.value) == (
        f"{folder}: not finished: 3 of 4 final trials; to finish it: nlptrain compare-optimizers "
        f"rnn --seeds 2 --output {folder}"
    )
    (folder / COMMAND_FILE).unlink()
    with pytest.raises(RunFolderError, match="the command that began it, with --output"):
        report_again(folder)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "not a comparison, as it has no protocol.json"),
        ("{", "not valid JSON"),
        ("{}", "damaged: 'contestants'"),
        ('{"contestants": [5]}', "damaged"),
        ('{"format_version": 9}', "comparison format 9"),
    ],
)
def test_folder_without_a_whole_protocol_is_one_message(tmp_path, content, said):
    if content is not None:
        (tmp_path / PROTOCOL_FILE).write_text(content)
    with pytest.raises(RunFolderError, match=said):
        report_again(tmp_path)


def test_seeds_of_two_machines_come_to_what_one_would_have_found(make_comparison, tmp_path):
    _, here = make_comparison("comparison.seeds=2", output="here")
    _, there = make_comparison("comparison.seeds=2", "comparison.first_seed=3", output="there")
    _, whole = make_comparison("comparison.seeds=4", output="whole")
    join([here, there], tmp_path / "joined")
    joined = report_again(tmp_path / "joined")
    assert joined.results.protocol.final_seeds == (1, 2, 3, 4)
    assert contents(joined.folder)["comparison.json"] == contents(whole)["comparison.json"]


def test_joined_comparisons_are_joined_again_and_twice_is_once(make_comparison, tmp_path):
    folders = [
        make_comparison("comparison.seeds=1", f"comparison.first_seed={seed}", output=str(seed))[1]
        for seed in (1, 3, 5)
    ]
    for _ in range(2):
        join(folders[:2], tmp_path / "two")
    join([tmp_path / "two", folders[2], folders[0]], tmp_path / "three")
    protocol = read_protocol(tmp_path / "three")
    assert protocol.final_seeds == (1, 3, 5)
    finals = (tmp_path / "three" / TRIALS_FILE).read_text().count('"stage": "final"')
    assert finals == 6


def test_comparisons_of_other_protocols_are_not_joined(make_comparison, tmp_path):
    _, here = make_comparison(output="here")
    _, there = make_comparison("training.batch_size=20", output="there")
    said = refusal([here, there], tmp_path / "joined")
    assert said.startswith(f"{here} and {there}: they differ in config.training.batch_size (")
    assert f"20 in {there}); only comparisons that differ in their final seeds alone" in said
    assert not (tmp_path / "joined").exists()


def change(folder, stage, **values):
    """Change the last trial of a stage in a folder."""
    path = folder / TRIALS_FILE
    trials = [json.loads(line) for line in path.read_text().splitlines()]
    last = max(place for place, each in enumerate(trials) if each["stage"] == stage)
    trials[last].update(values)
    path.write_text("".join(f"{json.dumps(each)}\n" for each in trials))
    return trials[last]


def test_other_numbers_of_the_same_seed_are_not_joined(make_comparison, tmp_path):
    _, here = make_comparison(output="here")
    _, there = make_comparison(output="there")
    trial = change(there, "final", test_loss=0.125)
    assert (
        f"{there}: the final trial of {trial['contestant']}, seed {trial['seed']}, has other "
        "numbers than in the folders before it, such as test_loss 0.125 and "
    ) in refusal([here, there], tmp_path / "joined")
    change(there, "final", seconds=[9.0] * len(trial["steps"]), test_loss=None)
    change(here, "final", test_loss=None)
    join([here, there], tmp_path / "joined")


def test_other_choices_of_tuning_are_not_joined(make_comparison, tmp_path):
    _, here = make_comparison("comparison.trials=1", output="here")
    _, there = make_comparison("comparison.trials=1", output="there")
    path = there / TRIALS_FILE
    path.write_text(path.read_text().replace('"learning_rate": 0.1,', '"learning_rate": 0.2,'))
    said = refusal([here, there], tmp_path / "joined")
    assert "their tuning chose different settings of sgd, learning rate 0.1 and 0.2" in said


@pytest.mark.parametrize("first", [-1, 0, 1])
def test_reported_seeds_are_no_tuning_seeds(make_comparison, first):
    settings = ("seed=2", "comparison.tuning_seeds=2", "comparison.seeds=2")
    with pytest.raises(ConfigError, match=r"include tuning seeds, 2 to 3; begin with 4 or later"):
        make_comparison(*settings, f"comparison.first_seed={first + 2}")
    results, _ = make_comparison(*settings, "comparison.first_seed=0")
    assert results.protocol.final_seeds == (0, 1)


def test_data_may_lie_elsewhere_on_the_other_machine(make_comparison, tmp_path):
    results, _ = make_comparison(output="here")
    folders = []
    for place in ("a", "b"):
        config = {"data": {"file": {"path": f"/{place}/x.csv"}}}
        protocol = replace(results.protocol, config=config)
        with open_store(protocol, output=tmp_path / place, runs_dir=tmp_path) as store:
            store.add(results.trials)
        folders.append(tmp_path / place)
    join(folders, tmp_path / "joined")


def test_adams_are_kept_for_the_report(tmp_path):
    adams = (AdamParity("numpy", "float64", (0.0, 1e-16), 0.001, 0.002),)
    assert read_adams(tmp_path) == ()
    write_adams(tmp_path, adams)
    assert read_adams(tmp_path) == adams
    (tmp_path / "adams.json").write_text('{"adams": [{"by_hand": 5}]}')
    with pytest.raises(RunFolderError, match="damaged"):
        read_adams(tmp_path)


def test_adams_of_an_older_report_have_no_times(tmp_path):
    old = {"by_hand": "numpy", "dtype": "float64", "differences": [0.0, 0.5]}
    (tmp_path / "comparison.json").write_text(json.dumps({"adams": [old]}))
    [adams] = read_adams(tmp_path)
    assert adams.differences == (0.0, 0.5)
    assert adams.seconds_per_step != adams.seconds_per_step  # NaN
