import pytest

from nlptrain.tracking.stage import silence, stage, track, watched_by


class Notes(list):
    """A watcher that writes down what it is told."""

    def begin(self, title, total):
        self.append(("begin", title, total))
        return len(self)

    def advance(self, stage, done):
        self.append(("advance", stage, done))

    def end(self, stage):
        self.append(("end", stage))


def test_watcher_sees_stages_within_each_other():
    notes = Notes()
    with watched_by(notes), stage("outer") as outer:
        with stage("inner", 8) as inner:
            inner(3)
        outer(1)
    assert notes == [
        ("begin", "outer", None),
        ("begin", "inner", 8),
        ("advance", 2, 3),
        ("end", 2),
        ("advance", 1, 1),
        ("end", 1),
    ]


def test_stage_ends_with_an_error_too():
    notes = Notes()
    with watched_by(notes), pytest.raises(ZeroDivisionError), stage("work"):
        raise ZeroDivisionError
    assert notes[-1] == ("end", 1)


def test_items_go_through_and_are_counted():
    notes = Notes()
    with watched_by(notes):
        assert list(track("ab", "letters", 2)) == ["a", "b"]
    assert notes[1:3] == [("advance", 1, 1), ("advance", 1, 2)]


def test_nobody_watches_outside_or_after_silence():
    notes = Notes()
    assert list(track("ab", "letters")) == ["a", "b"]
    with watched_by(notes):
        silence()
        with stage("unseen") as advance:
            advance(1)
    assert notes == []
