"""Training carried out in a run folder, until it ends, is interrupted or fails."""

import contextlib
import time
from dataclasses import replace

from nlptrain.datasets.examples import Examples
from nlptrain.errors import LostProcessError, RunFolderError
from nlptrain.files.model_file import ModelFile
from nlptrain.reporting.audience import Audience
from nlptrain.reporting.card.page import save_card
from nlptrain.reporting.records import StepRecord, is_settled
from nlptrain.runs.folder import RunFolder
from nlptrain.training.assembly import Training
from nlptrain.training.baseline import compare_with_linear_model
from nlptrain.training.failures import raise_explained
from nlptrain.training.final_evaluation import (
    DecisionRule,
    FinalEvaluation,
    evaluate_on_test,
    fit_decision_rule,
)
from nlptrain.training.head_weights import describe_weights, weigh_heads
from nlptrain.training.interruption import Interruption, interruptible
from nlptrain.training.journal import Journal
from nlptrain.training.left_out import list_left_out, scores_linear_model
from nlptrain.training.outcome import Outcome
from nlptrain.training.refit import begin_refit, build_refitted_model, describe_refit
from nlptrain.training.rounding import Rounding, measure_rounding

LONGEST_EXAMPLE = 30
"""Characters of the longest string suggested for typing."""


def carry_out(
    training: Training, folder: RunFolder, audience: Audience, *, baseline: bool = True
) -> Outcome:
    """Train until the end or an interruption, and leave the folder complete.

    Args:
        training: What to do.
        folder: Where to.
        audience: Receives messages and progress.
        baseline: Whether to score a linear model beside a network on the user's own file.

    Raises:
        RunFolderError: A file cannot be written.
        TrainingError: Training diverged; the run is kept.
    """
    for sentence in list_left_out(training.config, baseline=baseline):
        audience.tell(sentence)
    journal = Journal(folder, training)
    try:
        with interruptible() as interruption:
            journal.open()
            _watch(training, journal, audience)
            outcome = _run(training, journal, interruption, audience, baseline=baseline)
            journal.close()
        return outcome
    except BaseException as error:
        # If the disk failed, recording that may fail too.
        with contextlib.suppress(RunFolderError):
            if isinstance(error, KeyboardInterrupt):
                journal.write_record("interrupted")
            else:
                journal.write_record("failed", error=str(error) or repr(error))
        raise_explained(error, journal)
        raise
    finally:
        # Any failure is already reported; the same disk may refuse what is still buffered.
        with contextlib.suppress(RunFolderError):
            journal.close()


def _watch(training: Training, journal: Journal, audience: Audience) -> None:
    # The display counts the time from its beginning, and others may take long to open.
    journal.add_plugins(audience.tell)
    if audience.watch_training:
        plan, phase = training.plan, "" if training.first is None else "refit"
        journal.add(audience.watch_training(plan.total_steps, plan.epochs, phase))


def _run(
    training: Training,
    journal: Journal,
    interruption: Interruption,
    audience: Audience,
    *,
    baseline: bool,
) -> Outcome:
    began = time.monotonic()
    strings, seconds, evaluation = 0, 0.0, None
    try:
        strings = _train(training, journal, interruption)
        wants_refit = training.config.training.refit and training.first is None
        if wants_refit and interruption.signal_number is None:
            training = _begin_refit(training, journal, audience)
            strings += _train(training, journal, interruption)
        seconds = time.monotonic() - began
        if interruption.signal_number is None:
            evaluation = _finish(training, journal, interruption, audience, baseline=baseline)
    except KeyboardInterrupt:
        if interruption.signal_number is None:
            raise
    interruption.settled = True
    if evaluation is None:
        journal.write_record("interrupted")
    progress = training.first or training.progress
    return Outcome(
        folder=journal.folder,
        scores=None if evaluation is None else evaluation.scores,
        best_step=progress.best_step,
        steps=progress.step,
        skipped=progress.skipped,
        seconds=seconds,
        strings_per_second=strings / max(seconds, 1e-9),
        interrupted_by=interruption.signal_number if evaluation is None else None,
        evaluation=evaluation,
        example=_pick_example(training.preparation.dataset.test),
        refit=describe_refit(training),
    )


def _train(training: Training, journal: Journal, interruption: Interruption) -> int:
    """Train to the end of the plan or a signal, save a checkpoint, and count the strings."""
    strings = 0
    try:
        for record in training.records():
            journal.handle(record)
            strings += record.examples if isinstance(record, StepRecord) else 0
            if interruption.signal_number is not None and is_settled(record):
                break
    except LostProcessError:
        # The learner and the progress are as before the step.
        journal.save_checkpoint()
        raise
    journal.save_checkpoint()
    return strings


def _pick_example(examples: Examples) -> str:
    typable = (
        text
        for text in examples.texts
        if 0 < len(text) <= LONGEST_EXAMPLE and text.isprintable() and text[0] not in "- "
    )
    return next(typable, "abcd")


def _finish(
    training: Training,
    journal: Journal,
    interruption: Interruption,
    audience: Audience,
    *,
    baseline: bool,
) -> FinalEvaluation:
    """Evaluate the best model; all steps are saved, so a signal may stop this anywhere."""
    interruption.at_once = True
    learner, preparation, rounding = training.learner, training.preparation, None
    if training.first is None:
        model, rounding = _decide(training, journal, audience)
    else:
        learner.begin_evaluation()
        first = ModelFile.load(journal.folder.model_path)
        model = build_refitted_model(first, learner.arrays())
        model.save(journal.folder.model_path)
        learner.load_arrays(ModelFile.load(journal.folder.model_path).arrays)
    rule = DecisionRule(model.threshold, model.temperature, model.head_weights)
    evaluation = replace(evaluate_on_test(learner, preparation, rule), rounding=rounding)
    config = training.config
    if scores_linear_model(config, baseline=baseline):
        compared = compare_with_linear_model(
            evaluation.predictions,
            preparation.dataset,
            config.seed,
            refitted=training.first is not None,
        )
        evaluation = replace(evaluation, baseline=compared)
    journal.write_report(evaluation)
    save_card(journal.folder)
    # A finished run must no longer be recorded as interrupted.
    interruption.settled = True
    journal.write_record("finished", score=evaluation.scores.accuracy)
    return evaluation


def _begin_refit(training: Training, journal: Journal, audience: Audience) -> Training:
    """Go on to the second training, with the first model complete."""
    _decide(training, journal, audience)
    refit = begin_refit(training)
    strings, plan = len(refit.preparation.dataset.train), refit.plan
    journal.begin_refit(refit)
    audience.tell(
        f"refit: {plan.total_steps:,} steps on the {strings:,} training and validation strings, "
        f"as many epochs as the best {training.progress.best_step:,} steps were"
    )
    _watch(refit, journal, audience)
    return refit


def _decide(
    training: Training, journal: Journal, audience: Audience
) -> tuple[ModelFile, Rounding | None]:
    """Fit the decision rule of the best model on validation, and measure what rounding it cost."""
    model = ModelFile.load(journal.folder.model_path)
    learner, preparation = training.learner, training.preparation
    learner.load_arrays(model.arrays)
    if training.config.training.calibration == "heads":
        model = weigh_heads(learner, preparation, model)
        audience.tell(describe_weights(model))
    rounding = measure_rounding(learner, preparation, model, training.plan, training.progress)
    if rounding is not None:
        audience.tell(rounding.sentence)
    rule = fit_decision_rule(learner, preparation, training.config.training)
    return journal.save_decision_rule(model, rule), rounding
