import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata

from nlptrain.comparison.report.tensorboard import name_runs, save_events
from nlptrain.comparison.results import Contestant
from nlptrain.errors import RunFolderError


def read(folder):
    return EventAccumulator(str(folder)).Reload()


def hparams(folder):
    contents = read(folder).PluginTagToContent("hparams")
    start = metadata.parse_session_start_info_plugin_data(contents["_hparams_/session_start_info"])
    kinds = {key: value.WhichOneof("kind") for key, value in start.hparams.items()}
    return {key: getattr(start.hparams[key], kind) for key, kind in kinds.items()}


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("sgd", "sgd"),
        ("sgd (momentum 0.9)", "sgd_momentum_0.9"),
        ("../../etc", "etc"),
        ("<b>", "b"),
        ("日本", "contestant"),
        ("x" * 300, "x" * 80),
    ],
)
def test_folder_name_is_safe_for_any_contestant(make_trial, name, folder):
    assert name_runs([make_trial(name, 3, [0.5])]) == [f"{folder}-lr0.1-seed3"]


def test_no_two_trials_share_a_folder(make_trial):
    trials = [make_trial(name, 0, [0.5]) for name in ("a b", "a/b", "A_b")]
    names = [name.lower() for name in name_runs(trials)]
    assert len(set(names)) == 3


def test_trial_has_its_curves_over_steps_and_training_time(tmp_path, make_trial, make_results):
    save_events(
        make_results([make_trial("sgd", 3, [0.5, 0.75])]), tmp_path / "events", all_trials=False
    )
    run = read(tmp_path / "events" / "sgd-lr0.1-seed3")
    points = run.Scalars("accuracy/validation")
    assert [(point.step, point.value) for point in points] == [(10, 0.5), (20, 0.75)]
    assert points[1].wall_time - points[0].wall_time == pytest.approx(1.0, abs=1e-5)
    assert run.Scalars("test/accuracy")[0].value == 0.75


def test_settings_reach_the_hparams_table(tmp_path, make_trial, make_results):
    settings = {"optimizer": {"type": "sgd", "learning_rate": 0.5, "betas": [0.9, 0.99]}}
    results = make_results(
        [make_trial("sgd", 3, [0.5])], contestants=(Contestant("sgd", settings),)
    )
    save_events(results, tmp_path / "events", all_trials=False)
    assert hparams(tmp_path / "events" / "sgd-lr0.1-seed3") == {
        "contestant": "sgd",
        "learning_rate": 0.1,
        "seed": 3,
        "stage": "final",
        "optimizer.type": "sgd",
        "optimizer.betas": "0.9, 0.99",
    }


def test_tuned_settings_reach_it_as_tried(tmp_path, make_trial, make_results):
    tried = {"weight_decay": 0.25, "betas": [0.9, 0.99]}
    results = make_results([make_trial("adamw", 3, [0.5], settings=tried)])
    save_events(results, tmp_path / "events", all_trials=False)
    found = hparams(tmp_path / "events" / "adamw-lr0.1-seed3")
    assert found["optimizer.weight_decay"] == 0.25
    assert found["optimizer.betas"] == "0.9, 0.99"


def test_diverged_trial_is_there_and_says_so(tmp_path, make_trial, make_results):
    save_events(
        make_results([make_trial("sgd", 3, [], diverged=True)]),
        tmp_path / "events",
        all_trials=False,
    )
    run = read(tmp_path / "events" / "sgd-lr0.1-seed3")
    assert run.Tags()["scalars"] == ["diverged"]
    assert run.Scalars("diverged")[0].value == 1


def test_tuning_trials_are_there_on_request(tmp_path, make_trial, make_tuning_trial, make_results):
    results = make_results([make_tuning_trial("sgd", 0, 1.0, 0.5), make_trial("sgd", 3, [0.5])])
    for all_trials, names in ((False, ["sgd-lr0.1-seed3"]), (True, ["sgd-lr1-seed0"])):
        save_events(results, tmp_path / "events", all_trials=all_trials)
        found = sorted(path.name for path in (tmp_path / "events").iterdir())
        assert found == sorted({*names, "sgd-lr0.1-seed3"})


def test_as_many_seeds_of_each_contestant_as_tensorboard_selects(
    tmp_path, make_trial, make_results
):
    names = [f"sgd{number}" for number in range(7)]
    trials = [make_trial(name, seed, [0.5]) for name in names for seed in range(12)]
    contestants = tuple(Contestant(name, {}) for name in names)
    save_events(
        make_results(trials, contestants=contestants), tmp_path / "events", all_trials=False
    )
    found = {path.name for path in (tmp_path / "events").iterdir()}
    assert found == {f"{name}-lr0.1-seed{seed}" for name in names for seed in range(5)}


def test_second_report_replaces_the_first(tmp_path, make_trial, make_results):
    for name in ("old", "new"):
        results = make_results([make_trial(name, 3, [0.5])])
        save_events(results, tmp_path / "events", all_trials=False)
    assert [path.name for path in tmp_path.iterdir()] == ["events"]
    assert [path.name for path in (tmp_path / "events").iterdir()] == ["new-lr0.1-seed3"]


def test_folder_that_is_a_file_is_a_message(tmp_path, make_trial, make_results):
    (tmp_path / "events").write_text("")
    results = make_results([make_trial("sgd", 3, [0.5])])
    with pytest.raises(RunFolderError, match="events: cannot write"):
        save_events(results, tmp_path / "events", all_trials=False)
    assert [path.name for path in tmp_path.iterdir()] == ["events"]
