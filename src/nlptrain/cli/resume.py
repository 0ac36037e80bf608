"""`nlptrain resume`."""

from typing import Annotated

import typer

from nlptrain.cli.completion import complete_run
from nlptrain.cli.options import RUNS_DIR, BaselineOption, QuietOption, RunsDirOption, SetOption
from nlptrain.cli.output import command_line, note


def resume(
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN",
            help="A run's folder or name; default: the newest unfinished run.",
            autocompletion=complete_run,
        ),
    ] = None,
    overrides: SetOption = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    no_baseline: BaselineOption = False,
    quiet: QuietOption = False,
) -> None:
    """Resume an interrupted run, or train it longer.

    The result is byte for byte that of a run that was never interrupted, or that had its final
    length from the start. Therefore only these settings may change: training.epochs, training.steps
    and training.patience, which may only grow (a linear or cosine schedule depends on the first
    two); training.on_nonfinite, from stop to skip; training.checkpoint_every_…; logging.…; and the
    paths of the data. Changes are recorded in run.json.

    \b
    Examples:
      nlptrain resume
      nlptrain resume rnn-001
      nlptrain resume rnn-001 --set training.epochs=20
    """
    from nlptrain.api import build_audience
    from nlptrain.cli.train import show_outcome
    from nlptrain.runs.search import find_run
    from nlptrain.training.resume import NothingToResumeError
    from nlptrain.training.resume import resume as resume_run

    folder = find_run(run, runs_dir, prefer_unfinished=True)
    if run is None:
        note(f"run: {folder.path}")
    try:
        outcome = resume_run(
            folder,
            overrides=overrides or (),
            command=command_line(),
            audience=build_audience(progress=not quiet),
            baseline=not no_baseline,
        )
    except NothingToResumeError as error:
        note(str(error))
        return
    show_outcome(outcome, runs_dir)
