"""Options and functions of the commands that go through the shards of a folder or a pattern."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.options import refuse_both
from nlptrain.cli.output import note

if TYPE_CHECKING:
    from nlptrain.inference.model import Model
    from nlptrain.inference.prediction_shards import ShardPredictions
    from nlptrain.inference.table_source import TableSource
    from nlptrain.workers.execution import Workers

MOST_PROBLEMS = 10
"""Bad rows that are named."""

ShardJobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        metavar="N",
        help="Shards at a time, each in a process of one thread; default: one per processor.",
    ),
]
ShardSchedulerOption = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Send the shards to the workers of this Dask scheduler, such as tcp://host:8786; "
        "all of them see the same files.",
    ),
]


def choose_workers(jobs: int | None, scheduler: str | None) -> "Workers":
    """Choose where shards are computed."""
    from nlptrain.workers.execution import Workers

    refuse_both(jobs, scheduler)
    return Workers(jobs, scheduler)


def predict_shards(
    model: "Model",
    source: "TableSource",
    output: Path | None,
    workers: "Workers",
    *,
    as_json: bool,
    safe_csv: bool,
) -> None:
    """Predict the shards that are not predicted yet, and say what came of all."""
    from nlptrain.datasets.shards import find_shards
    from nlptrain.inference.prediction_shards import plan_predictions

    # First of all: who has brackets in a name should hear that there is no such file.
    shards = find_shards(source.file)
    if output is None:
        raise typer.BadParameter("several tables need a folder: --output DIR")
    if workers.scheduler is not None:
        from dataclasses import replace

        # The workers have working folders of their own.
        source, output = replace(source, file=source.file.absolute()), output.absolute()
        shards = find_shards(source.file)
    plan = plan_predictions(model, source, shards, output, as_json=as_json, safe_csv=safe_csv)
    for sentence in plan.notes:
        note(sentence)
    if plan.before:
        note(f"{output}: finished before, and not done again: {plan.before:,} of {plan.shards:,}")
    with _telling_how_to_go_on(plan):
        plan.run(workers)
    _finish(plan)


@contextmanager
def _telling_how_to_go_on(plan: "ShardPredictions") -> Iterator[None]:
    """Stop at once where a signal says so, and say what is finished where the work ends early."""
    from nlptrain.training.interruption import interruptible

    with interruptible() as interruption:
        interruption.at_once = True
        try:
            yield
        except BaseException as error:
            is_signal = isinstance(error, KeyboardInterrupt)
            note(
                f"{'interrupted; ' * is_signal}{plan.output}: shards that are finished: "
                f"{len(plan.finished):,} of {plan.shards:,}; the same command goes on with the rest"
            )
            if is_signal and interruption.signal_number is not None:
                raise typer.Exit(128 + interruption.signal_number) from None
            raise


def _finish(plan: "ShardPredictions") -> None:
    """Report on all shards, and end with status 1 if a row could not be predicted."""
    rows, bad, unknown, cut = (
        sum(getattr(record, name) for record in plan.finished)
        for name in ("rows", "bad", "unknown", "cut")
    )
    note(f"{plan.output}: shards: {plan.shards:,}, rows: {rows:,}")
    note_text(unknown, cut)
    if bad:
        problems = [problem for record in plan.finished for problem in record.problems]
        for problem in problems[:MOST_PROBLEMS]:
            note(problem)
        note(f"bad rows, left without a prediction: {bad:,} of {rows:,}")
        raise typer.Exit(1)


def note_text(unknown: int, cut: int) -> None:
    """Note what the network could not read of the strings."""
    if unknown:
        note(f"characters that training did not know, read as [unk]: {unknown:,}")
    if cut:
        note(f"strings longer than the network reads, cut: {cut:,}")
