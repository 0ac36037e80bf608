"""`nlptrain resume`."""

from typing import Annotated

import typer

from nlptrain.cli.options import RUNS_DIR, QuietOption, RunsDirOption
from nlptrain.cli.output import note


def resume(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run's folder or name.")],
    runs_dir: RunsDirOption = RUNS_DIR,
    quiet: QuietOption = False,
) -> None:
    """Go on with a run that was interrupted or killed, to the very same result.

    \b
    Example:
      nlptrain resume rnn-001
    """
    from nlptrain.run_folder import find_run

    folder = find_run(run, runs_dir)
    if folder.status() == "finished":
        note(f"{folder.path}: finished; nothing to resume")
        return
    from nlptrain.cli.train import build_audience, show_outcome
    from nlptrain.training.run import resume as resume_run

    show_outcome(resume_run(folder, audience=build_audience(quiet=quiet)), runs_dir)
