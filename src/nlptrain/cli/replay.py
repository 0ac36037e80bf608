"""`nlptrain replay`."""

from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.completion import complete_run
from nlptrain.cli.options import RUNS_DIR, RunsDirOption
from nlptrain.cli.output import note, show_facts, show_table

if TYPE_CHECKING:
    from nlptrain.training.nonfinite import ExaminedStep, Quantity


def replay(
    run: Annotated[
        str,
        typer.Argument(metavar="RUN", help="A run's folder or name.", autocompletion=complete_run),
    ],
    runs_dir: RunsDirOption = RUNS_DIR,
) -> None:
    """Repeat the step at which a run stopped.

    A run stops when a loss or gradient is NaN or infinite. This command computes that step again
    from the state before it, without the update, and shows each array in the order of computation.

    \b
    Example:
      nlptrain replay rnn-001
    """
    from nlptrain.runs.search import find_run
    from nlptrain.training.nonfinite import replay as replay_step

    folder = find_run(run, runs_dir, prefer_unfinished=True)
    examined, engine = replay_step(folder)
    note(f"run: {folder.path}, engine: {engine}, strings: {folder.nonfinite_path}")
    _show(examined)


def _show(examined: "ExaminedStep") -> None:
    quantities = list(examined.quantities())
    numbers = ["not finite", "numbers", "smallest", "largest", "norm"]
    show_table(["array", "of"], numbers, map(_row, quantities))
    typer.echo()
    first = next((each for each in quantities if each.nonfinite), None)
    facts = {
        "step": f"{examined.step:,}, in epoch {examined.epoch:,}",
        "strings": f"{len(examined.indices):,}",
        "learning rate": f"{examined.learning_rate:g}",
        f"loss ({examined.loss})": f"{examined.differential.loss:.4g}",
        "first not finite": _name(first) if first else "nothing",
    }
    show_facts(facts)


def _name(quantity: "Quantity") -> str:
    return f"{quantity.kind} of {quantity.name}" if quantity.name else quantity.kind


def _row(quantity: "Quantity") -> tuple[str, ...]:
    extremes = (quantity.smallest, quantity.largest)
    return (
        quantity.kind,
        quantity.name,
        f"{quantity.nonfinite:,}",
        f"{quantity.size:,}",
        *("" if each is None else f"{each:.3g}" for each in extremes),
        f"{quantity.norm:.3g}",
    )
