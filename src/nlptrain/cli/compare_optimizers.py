"""`nlptrain compare-optimizers`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.options import RUNS_DIR, QuietOption, SetOption
from nlptrain.cli.output import console, note

if TYPE_CHECKING:
    from nlptrain.comparison.optimizers import Comparison


def compare_optimizers(
    config: Annotated[
        str,
        typer.Argument(metavar="CONFIG", help="A YAML file, or a packaged config's name."),
    ] = "optimizers",
    overrides: SetOption = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, metavar="N", help="Trainings of each optimizer.")
    ] = None,
    jobs: Annotated[
        int, typer.Option("--jobs", min=1, metavar="N", help="Trainings side by side.")
    ] = 2,
    output: Annotated[
        Path, typer.Option("--output", metavar="DIR", help="Where the comparison's folder goes.")
    ] = RUNS_DIR,
    quiet: QuietOption = False,
) -> None:
    """Compare optimizers over several seeds. At a seed all have the same start and batches.

    \b
    Examples:
      nlptrain compare-optimizers
      nlptrain compare-optimizers rnn --seeds 5 --set training.epochs=3
    """
    from nlptrain.config.load import load_config

    overrides = [*(overrides or ()), *([f"comparison.seeds={seeds}"] if seeds else ())]
    loaded = load_config(config, overrides)
    for sentence in loaded.notes:
        note(sentence)
    from nlptrain.comparison.optimizers import compare_optimizers as compare

    tell = (lambda _: None) if quiet else note
    _show(compare(loaded.config, output=output, jobs=jobs, tell=tell))


def _show(comparison: "Comparison") -> None:
    from nlptrain.comparison.optimizers import CURVES_FILE, RESULTS_FILE
    from nlptrain.comparison.summary import summarize
    from nlptrain.reporting.tables import comparison_table, final_table, print_table

    print_table(comparison_table(summarize(comparison.contestants)), console())
    rows = {
        "seeds": ", ".join(map(str, comparison.seeds)),
        "same at a seed": "initial values, batches, dropout; the data is the same for all",
        "curves": str(comparison.folder / CURVES_FILE),
        "numbers": str(comparison.folder / RESULTS_FILE),
    }
    typer.echo()
    print_table(final_table(rows), console())
