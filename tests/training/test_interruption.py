import signal
import threading

import pytest

from nlptrain.training.interruption import SIGNALS, interruptible, pass_on


@pytest.mark.parametrize("number", SIGNALS)
def test_first_signal_is_noted(number):
    with interruptible() as interruption:
        assert interruption.signal_number is None
        signal.raise_signal(number)
        assert interruption.signal_number == number


def test_second_signal_stops_at_once():
    with interruptible():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_first_signal_stops_at_once_where_nothing_is_left_to_save():
    with interruptible() as interruption:
        interruption.at_once = True
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)
        assert interruption.signal_number == signal.SIGTERM


def test_no_signal_stops_what_is_settled():
    with interruptible() as interruption:
        interruption.at_once = interruption.settled = True
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert interruption.signal_number == signal.SIGTERM


def test_handlers_are_put_back():
    before = [signal.getsignal(number) for number in SIGNALS]
    with pytest.raises(ZeroDivisionError), interruptible():
        1 / 0  # noqa: B018
    assert [signal.getsignal(number) for number in SIGNALS] == before


def test_other_threads_change_nothing():
    before, found = signal.getsignal(signal.SIGINT), []

    def enter():
        with interruptible() as interruption:
            found.append((interruption.signal_number, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert found == [(None, before)]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP on this system")
def test_terminal_that_closes_is_told_of_twice_and_stops_once():
    with interruptible() as interruption:
        signal.raise_signal(signal.SIGHUP)
        signal.raise_signal(signal.SIGHUP)
        assert interruption.signal_number == signal.SIGHUP


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP on this system")
def test_training_under_nohup_goes_on():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible() as interruption:
            signal.raise_signal(signal.SIGHUP)
            assert interruption.signal_number is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_signal_of_another_process_counts_as_one_of_this():
    with interruptible() as interruption:
        pass_on(signal.SIGTERM)
        assert interruption.signal_number == signal.SIGTERM


def test_signal_that_came_here_too_is_not_passed_on():
    with interruptible() as interruption:
        signal.raise_signal(signal.SIGINT)
        pass_on(signal.SIGTERM)
        assert interruption.signal_number == signal.SIGINT


def test_signal_passed_on_outside_of_a_training_means_nothing():
    pass_on(signal.SIGTERM)


@pytest.mark.parametrize("number", SIGNALS)
def test_signal_that_comes_by_torchrun_and_by_a_process_stops_once(monkeypatch, number):
    monkeypatch.setattr("nlptrain.training.interruption.current_group", object)
    with interruptible() as interruption:
        pass_on(number)
        signal.raise_signal(number)
        assert interruption.signal_number == number
