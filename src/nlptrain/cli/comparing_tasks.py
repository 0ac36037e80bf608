"""Several configs in one comparison, each a task."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import typer

from nlptrain.cli.comparing import ComparisonOptions, run_comparison
from nlptrain.cli.output import console, note, say, show_facts

if TYPE_CHECKING:
    from nlptrain.comparison.protocol.contestants import Entry
    from nlptrain.comparison.results import Results
    from nlptrain.config.run import RunConfig


def compare_tasks(
    configs: "Sequence[RunConfig]", entries: "Sequence[Sequence[Entry]]", options: ComparisonOptions
) -> None:
    """Run the comparison of each config, then show all tasks together."""
    from nlptrain.comparison.several_tasks.report import save_tasks
    from nlptrain.comparison.several_tasks.same_contestants import check_same_contestants

    check_same_contestants(configs, entries)
    tasks, folders = [], []
    for config, own in zip(configs, entries, strict=True):
        if not options.quiet:
            note(f"task {config.name}")
        output = None if options.output is None else options.output / config.name
        results, folder = run_comparison(own, config, replace(options, output=output))
        tasks.append(results)
        folders.append(folder)
    file = save_tasks(tasks, folders, options.output)
    _show(tasks)
    show_facts(
        {
            **{
                task.protocol.name: str(folder / "report.html")
                for task, folder in zip(tasks, folders, strict=True)
            },
            "numbers": str(file),
        }
    )


def _show(tasks: "Sequence[Results]") -> None:
    """Print the tables of all tasks, with what they mean."""
    from nlptrain.comparison.several_tasks.report import (
        improvement_rows,
        overall_columns,
        overall_rows,
        task_rows,
        task_statements,
    )
    from nlptrain.reporting.table_layout import print_matrix
    from nlptrain.reporting.tables import plain_table

    terminal, name = console(), ["contestant"]
    say("Mean test accuracy (%) on each task, with the rank there:")
    columns = [task.protocol.name for task in tasks]
    print_matrix(plain_table(name, columns, task_rows(tasks)), terminal)
    say("\nAll tasks and seeds, and shares of them on which the target was reached within τ:")
    print_matrix(plain_table(name, overall_columns(), overall_rows(tasks)), terminal)
    say("\nProbability that the contestant of the row scores higher than that of the column:")
    rows = improvement_rows(tasks)
    print_matrix(plain_table(name, [row[0] for row in rows], rows), terminal)
    typer.echo()
    for statement in task_statements(tasks):
        say(statement.text)
    typer.echo()
