"""Whole comparisons, tiny: what is trained, what is kept, and that interruptions change nothing."""

import json
from dataclasses import replace

import pytest

from nlptrain.comparison import run
from nlptrain.comparison.protocol.contestants import enter_variations
from nlptrain.comparison.run import build_protocol, compare
from nlptrain.comparison.stored import report_again
from nlptrain.comparison.trials.adams import AdamParity
from nlptrain.comparison.trials.store import TRIALS_FILE, TrialStore
from nlptrain.config.load import load_config
from nlptrain.errors import RunFolderError
from nlptrain.reporting.audience import Audience
from nlptrain.workers.execution import Workers

BY_HAND = pytest.mark.parametrize("engine", ["numpy"], indirect=True)
TUNED = (
    "comparison.optimizers=[{type: sgd, schedule: {type: cosine}}, {type: adamw, learning_rate: "
    "0.01, tune: {weight_decay: [0, 0.1], betas: [[0.9, 0.999], [0.5, 0.9]]}}]",
    "comparison.trials=5",
    "comparison.seeds=2",
)
"""One contestant with a schedule of its own, and one that tunes more than its learning rate."""
WIDENING = "comparison.optimizers=[{type: sgd, learning_rate: 1e-4}, {type: adam}]"
"""A start from where every larger learning rate is better."""


@pytest.fixture
def trained(monkeypatch):
    """Note every group of trials that is trained."""
    groups = []
    run_group = run.run_trials

    def note(group):
        groups.append(group)
        return run_group(group)

    monkeypatch.setattr(run, "run_trials", note)
    return groups


def numbers(folder):
    return (folder / "comparison.json").read_bytes()


def budget(results):
    """Count tuning and final trials of each contestant."""
    names = [contestant.name for contestant in results.protocol.contestants]
    return [(len(results.of(name, "tuning")), len(results.of(name, "final"))) for name in names]


def test_every_contestant_gets_the_same_budget(make_comparison):
    settings = "comparison.trials=3", "comparison.tuning_seeds=2", "comparison.max_widenings=0"
    results, _ = make_comparison(*settings)
    assert budget(results) == [(6, 2), (6, 2)]


@BY_HAND
def test_seeds_of_tuning_and_of_the_report_are_disjoint_and_follow_the_config(make_comparison):
    results, _ = make_comparison("seed=5", "comparison.tuning_seeds=2", "comparison.seeds=3")
    assert results.protocol.tuning_seeds == (5, 6)
    assert results.protocol.final_seeds == (7, 8, 9)
    for stage, seeds in (("tuning", {5, 6}), ("final", {7, 8, 9})):
        assert {each.seed for each in results.trials if each.stage == stage} == seeds


def test_one_trial_means_no_tuning(make_comparison):
    results, _ = make_comparison("comparison.trials=1")
    assert results.protocol.tuning_seeds == ()
    assert budget(results) == [(0, 2), (0, 2)]
    assert results.chosen == {"sgd": 0.1, "adam": 0.01}


def test_final_trials_train_at_the_chosen_rate(make_comparison):
    results, _ = make_comparison()
    for name, rate in results.chosen.items():
        assert {each.learning_rate for each in results.of(name, "final")} == {rate}
        assert rate in {each.learning_rate for each in results.of(name, "tuning")}


def test_best_at_the_edge_is_widened_and_said(make_comparison):
    said = []
    settings = WIDENING, "comparison.max_widenings=2", "training.best_by=loss"
    results, _ = make_comparison(*settings, audience=Audience(tell=said.append))
    rates = sorted({each.learning_rate for each in results.of("sgd", "tuning")})
    assert rates == [3.16e-5, 1e-4, 3.16e-4, 1e-3]
    assert said[0].startswith("With 2 seeds, no difference between 2 contestants can be told")
    assert said[1] == (
        "sgd: the best learning rate so far, 0.0001, is at the edge of the grid; adding 0.000316"
    )


def test_report_is_written(make_comparison):
    _, folder = make_comparison()
    names = {path.name for path in folder.iterdir()}
    assert names >= {
        "comparison.json",
        "report.html",
        "trials.parquet",
        "trials.csv",
        "tensorboard",
    }
    assert len(json.loads(numbers(folder))["trials"]) == len(
        (folder / TRIALS_FILE).read_bytes().splitlines()
    )


def test_listener_sees_every_stage_to_its_end(make_comparison):
    seen = []
    make_comparison(
        "comparison.max_widenings=0",
        audience=Audience(watch_trials=lambda *where: seen.append(where)),
    )
    assert seen[0] == ("tuning", 0, 4)
    assert ("tuning", 4, 4) in seen
    assert seen[-1] == ("final", 4, 4)


def test_twice_gives_the_same_bytes(make_comparison):
    (first, folder), (second, other) = make_comparison(output="a"), make_comparison(output="b")
    assert numbers(folder) == numbers(other)
    assert [replace(each, seconds=()) for each in first.trials] == [
        replace(each, seconds=()) for each in second.trials
    ]


@BY_HAND
def test_two_processes_give_the_same_bytes(make_comparison):
    _, folder = make_comparison("comparison.seeds=3", output="a")
    _, other = make_comparison("comparison.seeds=3", output="b", workers=Workers(2))
    assert numbers(folder) == numbers(other)


def test_finished_comparison_trains_nothing_when_called_again(make_comparison, trained):
    results, folder = make_comparison(output=None)
    before = numbers(folder)
    (folder / "comparison.json").unlink()
    trained.clear()
    again, same = make_comparison(output=None)
    assert (trained, same, again) == ([], folder, results)
    assert numbers(folder) == before


def interrupt_at(number, patch, owner, name):
    """Interrupt the n-th call of a function, before it does anything."""
    calls = iter(range(number))
    real = getattr(owner, name)

    def act(*arguments):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return real(*arguments)

    patch.setattr(owner, name, act)


@BY_HAND
@pytest.mark.parametrize(("owner", "name"), [(TrialStore, "add"), (run, "run_trials")])
def test_interruption_anywhere_changes_nothing(make_comparison, owner, name, trained):
    _, whole = make_comparison(WIDENING, output="whole")
    groups = len(trained)
    assert groups >= 4
    for number in range(groups):
        with pytest.MonkeyPatch.context() as patch:
            interrupt_at(number, patch, owner, name)
            with pytest.raises(KeyboardInterrupt):
                make_comparison(WIDENING, output=str(number))
        trained.clear()
        _, folder = make_comparison(WIDENING, output=str(number))
        assert len(trained) == groups - number
        assert numbers(folder) == numbers(whole)


def test_contestant_that_tunes_more_gets_no_more_trials(make_comparison):
    results, _ = make_comparison(*TUNED, "comparison.max_widenings=0")
    assert budget(results) == [(5, 2), (5, 2)]
    assert {str(each.settings) for each in results.of("sgd (cosine)", "tuning")} == {"{}"}
    tuning = results.of("adamw", "tuning")
    assert [each.candidate for each in tuning] == results.protocol.contestants[1].candidates
    chosen = results.chosen_settings["adamw"]
    assert [each.settings for each in results.of("adamw", "final")] == [chosen, chosen]
    assert "sgd (cosine)" not in results.chosen_settings


def test_trials_train_with_the_settings_and_the_schedule_of_their_contestant(
    make_comparison, trained
):
    make_comparison(*TUNED)
    for trial in (trial for group in trained for trial in group):
        optimizer = trial.config.optimizer.model_dump(mode="json")
        kind = trial.config.training.schedule.type
        assert kind == ("cosine" if optimizer["type"] == "sgd" else "constant")
        assert trial.settings.items() <= optimizer.items()
        assert len(trial.settings) == (2 if optimizer["type"] == "adamw" else 0)


@BY_HAND
def test_tuned_settings_survive_interruption_and_processes(make_comparison, trained):
    _, whole = make_comparison(*TUNED, output="whole")
    groups = len(trained)
    for number in range(groups):
        with pytest.MonkeyPatch.context() as patch:
            interrupt_at(number, patch, TrialStore, "add")
            with pytest.raises(KeyboardInterrupt):
                make_comparison(*TUNED, output=str(number))
        trained.clear()
        _, folder = make_comparison(*TUNED, output=str(number))
        assert len(trained) == groups - number
        assert numbers(folder) == numbers(whole)
    _, folder = make_comparison(*TUNED, output="two", workers=Workers(2))
    assert numbers(folder) == numbers(whole)


@BY_HAND
def test_finished_comparison_of_tuned_settings_trains_nothing_again(make_comparison, trained):
    results, _ = make_comparison(*TUNED)
    trained.clear()
    again, _ = make_comparison(*TUNED)
    assert (trained, again) == ([], results)


@BY_HAND
def test_other_values_to_tune_are_another_protocol(make_comparison):
    make_comparison(*TUNED)
    with pytest.raises(RunFolderError, match="another protocol, which differs in contestants"):
        make_comparison(*TUNED, "comparison.optimizers.1.tune.weight_decay=[0, 0.5]")


@BY_HAND
def test_trials_torn_anywhere_are_trained_again(make_comparison):
    _, folder = make_comparison()
    path = folder / TRIALS_FILE
    whole, kept = numbers(folder), path.read_bytes()
    for size in range(0, len(kept), len(kept) // 9):
        path.write_bytes(kept[:size])
        make_comparison()
        assert numbers(folder) == whole


def test_report_that_was_interrupted_is_written_when_called_again(make_comparison, trained):
    with pytest.MonkeyPatch.context() as patch:
        interrupt_at(0, patch, run, "write_report")
        with pytest.raises(KeyboardInterrupt):
            make_comparison()
    trained.clear()
    _, folder = make_comparison()
    assert trained == []
    assert (folder / "comparison.json").is_file()


@BY_HAND
def test_interruption_ends_the_workers_even_where_somebody_keeps_the_error(make_comparison):
    ended = []

    class Hands(Workers):
        def run(self, task, groups):
            try:
                yield from super().run(task, groups)
            finally:
                ended.append(True)

    with pytest.MonkeyPatch.context() as patch:
        interrupt_at(0, patch, TrialStore, "add")
        with pytest.raises(KeyboardInterrupt) as kept:
            make_comparison(workers=Hands(1))
    assert ended == [True], kept


@BY_HAND
def test_full_disk_ends_processes_without_a_warning(make_comparison, monkeypatch):
    def refuse(*_):
        raise RunFolderError("full")

    monkeypatch.setattr(TrialStore, "add", refuse)
    with pytest.raises(RunFolderError, match="full"):
        make_comparison("comparison.tuning_seeds=3", workers=Workers(2))


@pytest.mark.parametrize(("threads", "expected"), [("null", 1), ("2", 2)])
def test_trials_compute_on_one_thread_unless_the_config_says_more(
    make_comparison, trained, threads, expected
):
    make_comparison(f"training.threads={threads}", "comparison.trials=1")
    assert {each.config.training.threads for group in trained for each in group} == {expected}


@pytest.mark.parametrize("engine", ["torch"], indirect=True)
def test_adams_are_measured_once_and_are_in_the_report_from_then_on(make_comparison, monkeypatch):
    measured = []

    def measure(config):
        measured.append(config.optimizer.type)
        return (AdamParity("torch", "float64", (0.0, 1e-16), 0.001, 0.002),)

    monkeypatch.setattr("nlptrain.comparison.adam_parity.compare_adams", measure)
    adams = "comparison.optimizers=[{type: adam}, {type: adam_by_hand}]"
    settings = (adams, "comparison.trials=1", "comparison.seeds=1")
    (first, folder), (again, _) = (make_comparison(*settings) for _ in range(2))
    assert measured == ["adam"]
    assert first.adams == again.adams == report_again(folder).results.adams != ()


def vary(make_config, tmp_path, *overrides):
    settings = ("comparison.seeds=1", *overrides)
    config = make_config(*settings)
    source = tmp_path / "config.yaml"
    source.write_text(json.dumps(config.model_dump(mode="json")))
    varied = ["training.batch_size=8,16"]
    return enter_variations(str(source), [], varied), load_config(str(source), []).config


def test_variations_are_trained_as_they_are(make_config, tmp_path, monkeypatch):
    monkeypatch.setattr("nlptrain.comparison.report.write.draw_figures", lambda results: {})
    entries, config = vary(make_config, tmp_path)
    results, _ = compare(entries, config, runs_dir=tmp_path, workers=Workers(1))
    assert budget(results) == [(0, 1), (0, 1)]
    assert [each.steps for each in results.trials] == [(5, 10), (3, 6)]


@BY_HAND
def test_variations_under_another_optimizer_are_another_protocol(make_config, tmp_path):
    first, second = (
        build_protocol(*vary(make_config, tmp_path, f"optimizer={{type: {kind}}}"))
        for kind in ("adam", "sgd")
    )
    assert first != second


@BY_HAND
def test_compared_optimizers_do_not_depend_on_the_one_that_the_config_trains(make_comparison):
    (_, folder), (_, other) = (
        make_comparison(f"optimizer.learning_rate={rate}", output=None) for rate in (0.1, 0.2)
    )
    assert folder == other
