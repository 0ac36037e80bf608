"""A study: what is proposed, what is trained, and what an interruption costs."""

import time

import pytest

from nlptrain.errors import ConfigError
from nlptrain.search import enough
from nlptrain.search import work as module
from nlptrain.search.folder import SearchFolder
from nlptrain.search.results import choose_trial, rank_trials
from nlptrain.search.work import work


def test_same_seed_proposes_the_same_trials_in_the_same_order(run, load, timeless):
    first, again = (timeless(run(load(), name)) for name in ("a", "b"))
    assert first == again
    other = run(load("seed=7"), "c")
    assert [trial.values for trial in other] != [trial.values for trial in first]


def test_config_as_given_is_the_first_trial(run, load):
    first, *others = run(load("optimizer.learning_rate=0.03", "search.trials=3"))
    assert first.given
    assert first.values == {
        "model.encoder.type": "rnn",
        "optimizer.learning_rate": 0.03,
        "model.encoder.hidden_size": 5,
    }
    assert not any(trial.given for trial in others)


def test_config_outside_its_space_is_the_first_trial_too(run, load, trained):
    first, *_ = run(load("model.encoder.hidden_size=9", "search.trials=2"))
    assert first.given
    assert first.values == {}
    assert trained[0].model.encoder.hidden_size == 9


def test_what_is_to_be_tried_first_follows_the_config_as_given(run, load, trained):
    points = "[{model.encoder.type: cnn}, {optimizer.learning_rate: 0.07}]"
    settings = ("optimizer.learning_rate=0.03", "search.trials=4", f"search.try_first={points}")
    given, first, second, _ = run(load(*settings))
    assert given.given
    # What is not named stays as given, where it exists.
    assert first.values["model.encoder.type"] == "cnn"
    assert first.values["optimizer.learning_rate"] == 0.03
    assert second.values == {**given.values, "optimizer.learning_rate": 0.07}
    assert len(trained) == 4


def test_each_trial_has_the_settings_of_its_type_alone(run, load):
    trials = run(load())
    kinds = {trial.values["model.encoder.type"] for trial in trials}
    assert kinds == {"rnn", "pooling", "cnn"}
    for trial in trials:
        kind = trial.values["model.encoder.type"]
        assert ("model.encoder.hidden_size" in trial.values) == (kind == "rnn")
        assert ("model.encoder.channels" in trial.values) == (kind == "cnn")


def test_search_goes_on_with_more_trials(begin, load, trials_of, trained):
    few = begin(load("search.trials=3"))
    work(few)
    more = begin(load("search.trials=6"))
    assert more.folder == few.folder
    work(more)
    assert len(trials_of(more)) == 6
    assert len(trained) == 6


@pytest.mark.parametrize(("kept", "trials"), [(200.0, 1), (50.0, 12)])
def test_time_for_the_finalists_is_kept(begin, load, trials_of, monkeypatch, kept, trials):
    monkeypatch.setattr(enough, "guess_seconds", lambda *_: 1e9)
    task = begin(load(), until=time.time() + 100, kept=kept)
    work(task)
    assert len([each for each in trials_of(task) if each.state != "refused"]) == trials


def test_nothing_is_trained_twice(run, load, trained):
    space = ("model.encoder.hidden_size=3,4", "model.dropout=0.0,0.5")
    trials = run(load("search.trials=12", space=space))
    assert len(trials) == 12
    assert len(trained) == len({config.model_dump_json() for config in trained}) <= 5
    by_number = {trial.number: trial for trial in trials}
    repeats = [trial for trial in trials if trial.repeats]
    assert repeats
    for trial in repeats:
        known = by_number[trial.repeats]
        assert (trial.values, trial.result, trial.state) == (
            known.values,
            known.result,
            known.state,
        )


@pytest.mark.parametrize(
    ("settings", "most"),
    [
        ((), 50),
        (("search.minutes=9",), None),
        (("search.trials=3",), 3),
        (("search.minutes=9", "search.trials=3"), 3),
    ],
)
def test_minutes_alone_bound_a_search_by_time(load, settings, most):
    assert load("search.trials=null", *settings).search.most_trials == most


def test_search_ends_where_nothing_new_is_proposed(begin, load, trials_of, trained, monkeypatch):
    monkeypatch.setattr(enough, "MOST_KNOWN", 15)
    space = ("model.encoder.hidden_size=3,4",)
    task = begin(load("search.trials=null", "search.minutes=9", space=space))
    work(task)
    assert [trial.repeats is not None for trial in trials_of(task)[-15:]] == [True] * 15
    assert len(trained) == 3  # The config as given has 5.


def test_what_another_process_trains_is_no_fault_of_the_space(begin, load, trials_of, monkeypatch):
    monkeypatch.setattr(enough, "MOST_KNOWN", 15)
    monkeypatch.setattr(enough, "MOST_REFUSED", 5)
    task = begin(load(space=("model.encoder.hidden_size=3",)))
    train, others = module.train_trial, []

    def train_beside(config, keep_on):
        if config.model.encoder.hidden_size == 3:
            others.append(work(task))
        return train(config, keep_on)

    monkeypatch.setattr(module, "train_trial", train_beside)
    assert work(task) == 2
    assert others == [0]
    refused = [trial for trial in trials_of(task) if trial.state == "refused"]
    assert {trial.reason for trial in refused} == {"another process is training these settings"}


def test_grid_tries_every_combination_and_ends(run, load, trained):
    space = ("model.encoder.hidden_size=3,5", "model.dropout=0..0.4:step=0.2")
    trials = run(load("search.sampler=grid", "search.trials=50", "search.pruner=none", space=space))
    tried = {
        (each.values["model.encoder.hidden_size"], each.values["model.dropout"]) for each in trials
    }
    assert tried == {(size, rate) for size in (3, 5) for rate in (0.0, 0.2, 0.4)}
    assert len(trained) == 6


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_samplers_stay_within_their_bounds(run, load, sampler):
    for trial in run(load(f"search.sampler={sampler}", "search.trials=20")):
        assert 1e-4 <= trial.values["optimizer.learning_rate"] <= 1e-1
        assert 3 <= trial.values.get("model.encoder.hidden_size", 3) <= 6


def test_unpromising_trials_are_ended_at_fixed_budgets(run, load):
    trials = run(load("search.trials=15"))
    pruned = [trial for trial in trials if trial.state == "pruned"]
    # 40 strings in batches of 8 for 9 epochs: 45 steps, evaluated after each fifth one.
    assert {trial.result.steps for trial in pruned} <= {15, 25}
    assert pruned
    finished = [trial for trial in trials if trial.state == "finished"]
    assert {trial.result.steps for trial in finished} == {45}


def test_without_pruner_all_are_trained_to_their_end(run, load):
    trials = run(load("search.pruner=none", "search.trials=6"))
    assert {trial.result.steps for trial in trials} == {45}


def test_combinations_that_are_no_config_are_told_and_cost_no_trial(run, load):
    trials = run(
        load(
            "optimizer={type: sgd, learning_rate: 0.1, momentum: 0.9}",
            "search.trials=6",
            space=("optimizer.momentum=0.0,0.9", "optimizer.nesterov=true,false"),
        )
    )
    refused = [trial for trial in trials if trial.state == "refused"]
    assert refused
    assert all("requires a momentum above 0" in trial.reason for trial in refused)
    assert len(trials) - len(refused) == 6


def test_space_in_which_hardly_anything_is_a_config_is_refused(run, load, monkeypatch):
    monkeypatch.setattr(enough, "MOST_REFUSED", 15)
    with pytest.raises(ConfigError, match="combinations were refused"):
        run(
            load(
                "optimizer={type: sgd, learning_rate: 0.1}",
                "search.trials=6",
                space=("optimizer.nesterov=true", "model.dropout=0..0.5"),
            )
        )


def test_diverged_trials_are_never_taken(run, load):
    config = load(
        "optimizer={type: sgd, learning_rate: 0.1}",
        "model.encoder.cell=rnn_relu",
        "search.pruner=none",
        "search.trials=5",
        space=("optimizer.learning_rate=0.1,1.0e+30",),
    )
    trials = run(config)
    diverged = [trial for trial in trials if trial.state == "diverged"]
    assert {trial.values["optimizer.learning_rate"] for trial in diverged} == {1e30}
    assert choose_trial(config, trials).values["optimizer.learning_rate"] == 0.1


def test_two_objectives_keep_what_is_better_in_one(run, load):
    config = load("search.objective=[accuracy, parameters]", "search.trials=10")
    trials = run(config)
    assert {trial.state for trial in trials} == {"finished"}
    ranked = rank_trials(config, trials)
    assert ranked[0].result.accuracy == max(trial.result.accuracy for trial in trials)


def test_one_process_at_a_time_finishes(begin, load):
    folder = SearchFolder(begin(load()).folder)
    with folder.finishing() as first, folder.finishing() as second:
        assert (first, second) == (True, False)
    with folder.finishing() as third:
        assert third


def test_failure_while_a_lock_is_held_stays_what_it_is(begin, load):
    folder = SearchFolder(begin(load()).folder)
    with pytest.raises(TimeoutError, match="a test"), folder.asking():
        raise TimeoutError("a test")
