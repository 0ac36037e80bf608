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
    """Go on with an interrupted or killed run. Ends with the very same bytes.

    \b
    Example:
      nlptrain resume rnn-001
    """
    from nlptrain.run_search import find_run

    folder = find_run(run, runs_dir, prefer_unfinished=True)
    if folder.status() == "finished":
        note(f"{folder.path}: finished; nothing to resume")
        return
    from nlptrain.api import build_audience
    from nlptrain.cli.train import show_outcome
    from nlptrain.training.run import resume as resume_run

    show_outcome(resume_run(folder, audience=build_audience(progress=not quiet)), runs_dir)
