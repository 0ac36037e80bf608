"""What is told while a search runs."""

import time

import pytest

from nlptrain.search.follow import describe, following
from nlptrain.search.work import work


def test_states_are_counted_and_the_time_left_is_guessed(begin, load, trials_of):
    task = begin(load("search.trials=6"))
    work(task)
    trials = trials_of(task)
    state = describe(task, trials[:3], 10.0, ended_before=1)
    assert (state.ended, state.total, state.running) == (3, 6, 0)
    # Two trials in 10 s, and three are left.
    assert state.left == pytest.approx(15)
    assert state.given == f"{100 * trials[0].result.accuracy:.2f} %"
    assert len(state.best) <= 3


def test_time_left_is_no_longer_than_the_limit(begin, load, trials_of):
    task = begin(load("search.trials=6"), until=time.time() + 5)
    work(task)
    assert describe(task, trials_of(task)[:2], 100.0, ended_before=0).left <= 5
    assert describe(task, [], 0.0, ended_before=0).left <= 5


def test_time_left_is_the_limit_where_any_number_of_trials_is_wanted(begin, load, trials_of):
    wanted = ("search.trials=null", "search.minutes=1")
    task = begin(load(*wanted), until=time.time() + 5)
    state = describe(task, [], 1.0, ended_before=0)
    assert state.total is None
    assert 0 < state.left <= 5


def test_whoever_follows_sees_the_end(begin, load):
    task, seen = begin(load("search.trials=3")), []
    with following(task, seen.append):
        work(task)
    assert seen[-1].ended == 3
    assert "3 of 3 trials" in seen[-1].summary
