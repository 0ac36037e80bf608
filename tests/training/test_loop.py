"""The loop alone, with a learner that follows a script."""

import copy
from dataclasses import dataclass, field, replace
from itertools import chain, islice

import numpy as np
import pytest

from nlptrain.errors import NonFiniteStepError, TrainingError
from nlptrain.evaluation.metrics import score
from nlptrain.reporting.records import EvaluationRecord, StepRecord
from nlptrain.text.encoding import EncodedTexts
from nlptrain.training.encoded_split import EncodedSplit, compute_logits
from nlptrain.training.learner import StepResult
from nlptrain.training.loop import train
from nlptrain.training.plan import Plan, Progress


@dataclass
class ScriptedLearner:
    """Takes the losses of its steps, and the logits of its evaluations, from lists."""

    losses: list[float] = field(default_factory=list)
    logits_by_evaluation: list[list[float]] = field(default_factory=list)
    batches: list = field(default_factory=list)
    calls: list = field(default_factory=list)
    evaluations: int = -1

    def step(self, batch, **arguments):
        self.batches.append(batch.ids[:, 0].tolist())
        self.calls.append(arguments)
        loss = self.losses[arguments["step"]] if self.losses else 1.0
        return StepResult(loss, correct=1, grad_norm=None, finite=np.isfinite(loss))

    def begin_evaluation(self):
        self.evaluations += 1

    def logits(self, ids, lengths):
        if not self.logits_by_evaluation:
            return np.zeros((len(ids), 1))
        return np.array(self.logits_by_evaluation[self.evaluations])[ids[:, 0] - 1, None]


def make_split(classes):
    """Make strings of one character each; the character tells the string."""
    count = len(classes)
    texts = EncodedTexts(
        np.arange(1, count + 1, dtype=np.int32), np.arange(count), np.ones(count, np.int64), 0, 0
    )
    return EncodedSplit(texts, np.array(classes))


TRAIN = make_split([0, 1] * 5)
VALIDATION = make_split([0, 0, 0, 1])
PLAN = Plan(
    total_steps=6,
    steps_per_epoch=3,
    batch_size=4,
    seed=0,
    learning_rate=lambda step: 0.5 / (step + 1),
    loss="bce",
    best_by="accuracy",
    patience=None,
    evaluate_every_steps=None,
    log_every_steps=2,
)


def run(learner=None, progress=None, **changes):
    learner = learner or ScriptedLearner()
    plan = replace(PLAN, **changes)
    return list(train(learner, lambda epoch: TRAIN, VALIDATION, plan, progress or Progress()))


def outline(records):
    """Write S3 for the record of step 3, E3 for the evaluation after it."""
    return " ".join(f"{type(each).__name__[0]}{each.step}" for each in records)


def evaluations(records):
    return [each for each in records if isinstance(each, EvaluationRecord)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "S1 S2 S3 E3 S4 S5 S6 E6"),
        ({"total_steps": 5}, "S1 S2 S3 E3 S4 S5 E5"),
        ({"total_steps": 2}, "S1 S2 E2"),
        ({"evaluate_every_steps": 4}, "S1 S2 S3 S4 E4 S5 S6 E6"),
        ({"evaluate_every_steps": 1, "total_steps": 2}, "S1 E1 S2 E2"),
        ({"evaluate_every_steps": 100}, "S1 S2 S3 S4 S5 S6 E6"),
    ],
)
def test_records_come_in_order(changes, expected):
    assert outline(run(**changes)) == expected


def test_epochs_count_from_one_and_a_step_belongs_to_one():
    assert [record.epoch for record in run()] == [1, 1, 1, 1, 2, 2, 2, 2]
    assert [record.epoch for record in run(evaluate_every_steps=4)] == [1, 1, 1, 2, 2, 2, 2, 2]


def test_every_epoch_shows_every_string_once_in_another_order():
    learner = ScriptedLearner()
    run(learner)
    first, second = (list(chain(*learner.batches[start : start + 3])) for start in (0, 3))
    assert sorted(first) == sorted(second) == list(range(1, 11))
    assert first != second
    assert sorted(map(len, learner.batches[:3])) == [2, 4, 4]


def test_training_scores_are_means_over_the_strings_since_the_last_evaluation():
    learner = ScriptedLearner(losses=[1, 2, 4, 8, 16, 32])
    records = run(learner, total_steps=5)
    sizes = np.array(list(map(len, learner.batches)))
    first, second = evaluations(records)
    assert first.train_loss == pytest.approx(np.average([1, 2, 4], weights=sizes[:3]))
    assert first.train_accuracy == pytest.approx(3 / 10)
    assert second.train_loss == pytest.approx(np.average([8, 16], weights=sizes[3:]))
    assert second.train_accuracy == pytest.approx(2 / sizes[3:].sum())


def test_learning_rate_of_each_step_is_used_and_recorded():
    learner = ScriptedLearner()
    steps = [record for record in run(learner) if isinstance(record, StepRecord)]
    expected = [0.5 / number for number in range(1, 7)]
    assert [record.learning_rate for record in steps] == expected
    assert [call["learning_rate"] for call in learner.calls] == expected
    assert [call["step"] for call in learner.calls] == list(range(6))


def test_gradient_is_measured_only_where_it_is_recorded():
    learner = ScriptedLearner()
    run(learner, log_every_steps=3)
    measured = [call["measure_gradient"] for call in learner.calls]
    assert measured == [False, False, True, False, False, True]


SCRIPT = {
    # Classes 0, 0, 0, 1. Accuracy, macro F1, loss:
    "all absent": [-1.0, -1.0, -1.0, -1.0],  # 0.75, 0.43, 0.56
    "one found": [0.1, 0.1, -0.1, 0.1],  # 0.50, 0.50, 0.69
    "sure": [-9.0, -9.0, 0.1, -0.1],  # 0.50, 0.33, 0.37
}


@pytest.mark.parametrize(("best_by", "best"), [("accuracy", 0), ("macro_f1", 1), ("loss", 2)])
def test_best_is_by_the_named_score(best_by, best):
    learner = ScriptedLearner(logits_by_evaluation=list(SCRIPT.values()))
    progress = Progress()
    run(learner, progress, best_by=best_by, evaluate_every_steps=2)
    assert progress.best_step == 2 * (best + 1)


def test_loss_decides_between_equal_scores():
    better = [-2.0, -2.0, -2.0, -1.0]
    learner = ScriptedLearner(logits_by_evaluation=[SCRIPT["all absent"], better, better])
    records = evaluations(run(learner, evaluate_every_steps=2))
    assert [record.is_best for record in records] == [True, True, False]


def test_first_evaluation_is_best_however_bad():
    wrong = [9.0, 9.0, 9.0, -9.0]
    learner = ScriptedLearner(logits_by_evaluation=[wrong, wrong])
    first, second = evaluations(run(learner))
    assert (first.accuracy, first.is_best, second.is_best) == (0, True, False)


@pytest.mark.parametrize("patience", [1, 2])
def test_patience_counts_evaluations_without_a_better_one(patience):
    bad, good = SCRIPT["one found"], SCRIPT["all absent"]
    learner = ScriptedLearner(logits_by_evaluation=[bad, good, bad, bad, bad, bad])
    progress = Progress()
    records = run(learner, progress, patience=patience, evaluate_every_steps=1)
    assert records[-1].step == 2 + patience
    assert progress.best_step == 2


def test_patience_starts_anew_after_a_better_one():
    bad, good = SCRIPT["one found"], SCRIPT["all absent"]
    script = [bad, bad, good, bad, bad, bad]
    learner = ScriptedLearner(logits_by_evaluation=script)
    records = run(learner, patience=2, evaluate_every_steps=1)
    assert records[-1].step == 5


@pytest.mark.parametrize("stop_after", range(9))
def test_progress_says_all_that_the_loop_needs_to_go_on(stop_after):
    script = list(SCRIPT.values())
    losses = [1, 2, 4, 8, 16, 32]
    whole = run(ScriptedLearner(losses, script))
    learner, progress = ScriptedLearner(losses, script), Progress()
    unfinished = train(learner, lambda epoch: TRAIN, VALIDATION, PLAN, progress)
    first = list(islice(unfinished, stop_after))
    unfinished.close()
    rest = run(learner, copy.deepcopy(progress))
    assert list(map(repr, first + rest)) == list(map(repr, whole))


def test_scores_do_not_depend_on_the_order_of_the_strings(monkeypatch):
    monkeypatch.setattr("nlptrain.training.encoded_split.EVALUATION_BATCH_SIZE", 2)
    order = np.array([2, 0, 3, 1])
    split = EncodedSplit(replace(VALIDATION.texts, starts=order), VALIDATION.classes[order])
    script = [[-1.0, 0.5, -2.0, 3.0]]
    plain, shuffled = (
        score(
            compute_logits(ScriptedLearner([], script, evaluations=0).logits, each.texts),
            each.classes,
            "bce",
        )
        for each in (VALIDATION, split)
    )
    assert shuffled.loss == pytest.approx(plain.loss, rel=1e-12)
    np.testing.assert_array_equal(shuffled.confusion.dense(), [[2, 1], [0, 1]])
    np.testing.assert_array_equal(plain.confusion.dense(), [[2, 1], [0, 1]])


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_loss_that_is_no_number_ends_the_training(loss):
    learner, progress = ScriptedLearner(losses=[1, 1, 1, 1, loss, 1]), Progress()
    with pytest.raises(TrainingError, match=r"training loss of step 5 is (nan|inf)") as caught:
        run(learner, progress)
    assert progress.step == 4
    for words in ("learning_rate (it was 0.125)", "max_grad_norm", "of step 3, is kept"):
        assert words in str(caught.value)


NAN = float("nan")


def test_skipped_step_counts_as_a_step_and_in_no_score():
    learner, progress = ScriptedLearner(losses=[1, NAN, 4, 8, NAN, 32]), Progress()
    records = run(learner, progress, on_nonfinite="skip")
    assert outline(records) == "S1 S2 S3 E3 S4 S5 S6 E6"
    steps = [record for record in records if isinstance(record, StepRecord)]
    assert [record.skipped for record in steps] == [False, True, False, False, True, False]
    sizes = np.array(list(map(len, learner.batches)))[[0, 2]]
    assert evaluations(records)[0].train_loss == pytest.approx(np.average([1, 4], weights=sizes))
    assert (progress.skipped, progress.skipped_in_a_row) == (2, 0)


@pytest.mark.parametrize("first", [1, 4])
def test_as_many_skipped_steps_in_a_row_as_an_epoch_has_end_the_training(first):
    losses = [NAN if step >= first else 1 for step in range(1, 7)]
    progress = Progress()
    with pytest.raises(NonFiniteStepError, match="in the 2 steps skipped before it"):
        run(ScriptedLearner(losses=losses), progress, on_nonfinite="skip")
    assert progress.step == first + 1


def test_no_more_than_twenty_steps_in_a_row_are_skipped():
    plan = replace(PLAN, steps_per_epoch=100, total_steps=100)
    assert plan.most_skipped == 20
    assert replace(plan, total_steps=5).most_skipped == 5


def test_mean_loss_where_every_step_was_skipped_is_none():
    records = run(
        ScriptedLearner(losses=[1, 1, NAN, 1, 1, 1]), on_nonfinite="skip", evaluate_every_steps=1
    )
    assert np.isnan(evaluations(records)[2].train_loss)


def test_loss_that_is_no_number_before_any_evaluation_keeps_no_model():
    with pytest.raises(TrainingError, match="step 1 is nan") as caught:
        run(ScriptedLearner(losses=[float("nan")]))
    assert "is kept" not in str(caught.value)


def test_validation_loss_that_is_no_number_ends_the_training():
    learner = ScriptedLearner(logits_by_evaluation=[[0.0, 0.0, float("nan"), 0.0]])
    with pytest.raises(TrainingError, match="validation loss after step 3 is nan"):
        run(learner)
