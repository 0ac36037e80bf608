"""`nlptrain train`."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.config_source import read_config
from nlptrain.cli.linear_model import describe_difference, linear_model_facts, warn_of_linear_model
from nlptrain.cli.options import (
    RUNS_DIR,
    BaselineOption,
    ConfigArgument,
    QuietOption,
    RunsDirOption,
    SetOption,
)
from nlptrain.cli.output import command_line, console, note, run_argument, show_facts, show_table

if TYPE_CHECKING:
    from nlptrain.comparison.folds import CrossValidation
    from nlptrain.config.run import RunConfig
    from nlptrain.training.outcome import Outcome


def train(
    config: ConfigArgument,
    overrides: SetOption = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Check everything, show the network, train one batch; write nothing."
        ),
    ] = False,
    folds: Annotated[
        int | None,
        typer.Option(
            "--folds",
            min=2,
            metavar="K",
            help="Cross-validate on a file: K runs, each testing on another part.",
        ),
    ] = None,
    no_baseline: BaselineOption = False,
    quiet: QuietOption = False,
) -> None:
    """Train the network of a config. Prints its test scores and the run's folder.

    On a file of yours, a linear model on character n-grams, trained on a bounded number of strings,
    is scored beside it.

    \b
    Examples:
      nlptrain train configs/rnn.yaml
      nlptrain train rnn --set model.encoder.cell=lstm --set training.epochs=3
      nlptrain train rnn --dry-run
      nlptrain train own_file --folds 5
    """
    if folds is not None:
        if dry_run:
            raise typer.BadParameter("--folds cannot be combined with --dry-run; use one of them")
        _cross_validate(
            config, overrides or [], folds, runs_dir, baseline=not no_baseline, quiet=quiet
        )
        return
    run_config = read_config(config, overrides)
    if dry_run:
        _show_dry_run(run_config, quiet=quiet)
        return
    from nlptrain.api import build_audience
    from nlptrain.training.run import start

    audience = build_audience(progress=not quiet)
    outcome = start(
        run_config,
        runs_dir=runs_dir,
        command=command_line(),
        audience=audience,
        baseline=not no_baseline,
    )
    show_outcome(outcome, runs_dir)


def _cross_validate(
    config: str,
    overrides: list[str],
    folds: int,
    runs_dir: Path,
    *,
    baseline: bool,
    quiet: bool,
) -> None:
    from nlptrain.api import build_audience
    from nlptrain.comparison.folds import cross_validate
    from nlptrain.config.load import load_config

    turns = [
        load_config(config, [*overrides, f"data.folds={{number: {folds}, held_out: {turn}}}"])
        for turn in range(1, folds + 1)
    ]
    for sentence in turns[0].notes:
        note(sentence)
    found = cross_validate(
        [turn.config for turn in turns],
        runs_dir=runs_dir,
        command=command_line(),
        audience=build_audience(progress=not quiet),
        tell=note,
        baseline=baseline,
    )
    if found.interrupted is not None:
        note(f"finished folds: {len(found.results)} of {folds}; they are kept as runs")
        show_outcome(found.interrupted, runs_dir)
    else:
        _show_folds(found)


def _show_folds(found: "CrossValidation") -> None:
    from nlptrain.comparison.folds import SUMMARY_FILE

    rows = [
        (
            f"{result.held_out}",
            result.run,
            f"{result.examples:,}",
            f"{result.accuracy:.4f}",
            f"{result.macro_f1:.4f}",
            f"{result.loss:.4g}",
        )
        for result in found.results
    ]
    numbers = ["strings", "test accuracy", "macro F1", "loss"]
    show_table(["fold", "run"], numbers, rows, omit_first=["strings"])
    typer.echo()
    accuracy, low, high = found.pooled_accuracy()
    facts = {
        "test accuracy": f"{found.mean('accuracy'):.4f} ± {found.spread('accuracy'):.4f}",
        "test macro F1": f"{found.mean('macro_f1'):.4f} ± {found.spread('macro_f1'):.4f}",
        "test loss": f"{found.mean('loss'):.4g} ± {found.spread('loss'):.2g}",
        "±": "standard deviation over the folds, whose training strings overlap",
        "all strings": f"{accuracy:.4f}, 95 % interval {low:.4f} to {high:.4f} (Wilson)",
    }
    counts = found.linear_model_counts()
    if counts is not None:
        linear = (counts.both + counts.second) / counts.examples
        facts |= {"linear model": f"{linear:.4f}", "difference": describe_difference(counts)}
    show_facts(facts | {"numbers": f"{found.folder}/{SUMMARY_FILE}"})
    if counts is not None and (warning := warn_of_linear_model(counts)):
        note(warning)


def show_outcome(outcome: "Outcome", runs_dir: Path) -> None:
    """Print the result of a training run, or how to resume an interrupted one."""
    folder = outcome.folder.path
    run = run_argument(folder, runs_dir)
    if outcome.interrupted_by is not None:
        saved = " and saved" if outcome.folder.checkpoint_path.is_file() else ""
        note(f"interrupted{saved}; to resume: nlptrain resume {run}")
        raise typer.Exit(128 + outcome.interrupted_by)
    scores = outcome.scores
    if scores is None:
        return
    refit = outcome.refit
    skips = {
        "skipped steps": (outcome.skipped, outcome.steps),
        "skipped in refit": (refit.skipped, refit.steps) if refit else (0, 0),
    }
    baseline = outcome.evaluation.baseline if outcome.evaluation else None
    rows = {
        "test accuracy": f"{scores.accuracy:.4f}",
        "test macro F1": f"{scores.macro_f1:.4f}",
        "test loss": f"{scores.loss:.4g}",
        "majority class": f"{scores.majority_rate:.4f}",
        **(linear_model_facts(baseline) if baseline else {}),
        **_describe_best_step(outcome),
        **{
            name: f"{skipped:,} of {steps:,}: their loss or gradient was not finite"
            for name, (skipped, steps) in skips.items()
            if skipped
        },
        "seconds": f"{outcome.seconds:.1f}",
        "strings/s": f"{outcome.strings_per_second:,.0f}",
        "run": str(folder),
        "next": f"nlptrain predict {shlex.quote(outcome.example)} --run {run}",
    }
    show_facts(rows)
    if baseline is not None and (warning := warn_of_linear_model(baseline.counts)):
        note(warning)


def _describe_best_step(outcome: "Outcome") -> dict[str, str]:
    """Describe the step that validation chose, and with a refit, which model has which score."""
    best, refit = f"{outcome.best_step:,}", outcome.refit
    if refit is None:
        return {"best step": best}
    score = "macro F1" if refit.best_by == "macro_f1" else refit.best_by
    return {
        f"validation {score}": f"{refit.validation_score:.4f}, of the first model",
        "best step": f"{best}, of the first model",
        "refit": f"{refit.steps:,} steps on {refit.strings:,} strings (train + validation); tested",
    }


def _show_dry_run(config: "RunConfig", *, quiet: bool) -> None:
    from nlptrain.reporting.table_layout import print_table
    from nlptrain.reporting.tables import network_table
    from nlptrain.training.dry_run import dry_run

    result = dry_run(config)
    for sentence in () if quiet else result.notes:
        note(sentence)
    print_table(network_table(result.layers), console())
    typer.echo()
    show_facts(result.facts)
