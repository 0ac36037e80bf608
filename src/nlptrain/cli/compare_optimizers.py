"""`nlptrain compare-optimizers`."""

from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.comparing import (
    COMPARISONS_DIR,
    ComparisonOptions,
    ComparisonsDirOption,
    JobsOption,
    OutputOption,
    SchedulerOption,
    SeedsOption,
    TrialsOption,
    override,
    run_comparison,
)
from nlptrain.cli.comparing_tasks import compare_tasks
from nlptrain.cli.comparison_output import CsvOption, MarkdownOption, choose_form, show_ranking
from nlptrain.cli.completion import complete_optimizer
from nlptrain.cli.config_source import read_config
from nlptrain.cli.options import ConfigsArgument, QuietOption, SetOption
from nlptrain.cli.output import note

if TYPE_CHECKING:
    from nlptrain.config.run import RunConfig

DEFAULT = "optimizers"


def compare_optimizers(
    configs: ConfigsArgument = None,
    optimizers: Annotated[
        list[str] | None,
        typer.Option(
            "--optimizer",
            metavar="NAME",
            help="Use this instead of the config's optimizers: a type (sgd, adam, muon, …), "
            "momentum or nesterov (of sgd); may be repeated.",
            autocompletion=complete_optimizer,
        ),
    ] = None,
    trials: TrialsOption = None,
    seeds: SeedsOption = None,
    overrides: SetOption = None,
    jobs: JobsOption = None,
    scheduler: SchedulerOption = None,
    output: OutputOption = None,
    comparisons_dir: ComparisonsDirOption = COMPARISONS_DIR,
    as_csv: CsvOption = False,
    as_markdown: MarkdownOption = False,
    quiet: QuietOption = False,
) -> None:
    """Compare optimizers, each at its best learning rate.

    Each optimizer tries the same number of settings, and the validation split selects one; if the
    best learning rate is at an end of the grid, the grid is widened. Then all are trained with new
    seeds: with the same seed, they start from the same parameters and see the same batches.

    Prints a ranking, and what does and does not follow from it. The comparison's folder has
    report.html with figures and rules, and all numbers for programs. Repeat the command to resume;
    `nlptrain compare report FOLDER` writes the report again.

    Several configs, each a task, need the same optimizers; each is compared in its own folder, then
    tables show all tasks together.

    \b
    Examples:
      nlptrain compare-optimizers
      nlptrain compare-optimizers rnn --optimizer sgd --optimizer adam --seeds 10
      nlptrain compare-optimizers --set engine=torch --optimizer sgd_by_hand
      nlptrain compare-optimizers --trials 11 --markdown > table.md
      nlptrain compare-optimizers rnn cnn --optimizer sgd --optimizer adam
    """
    form = choose_form(as_csv=as_csv, as_markdown=as_markdown)
    chosen = _describe(optimizers or [])
    settings = override({"trials": trials, "seeds": seeds})
    if chosen:
        settings.append(f"comparison.optimizers=[{', '.join(chosen)}]")
    read = [read_config(each, [*(overrides or ()), *settings]) for each in configs or [DEFAULT]]
    from nlptrain.comparison.protocol.contestants import enter_optimizers

    entries = [enter_optimizers(each, one_code=_is_by_hand(each)) for each in read]
    options = ComparisonOptions(comparisons_dir, output, jobs, scheduler, quiet)
    if len(read) == 1:
        show_ranking(*run_comparison(entries[0], read[0], options), form)
    else:
        compare_tasks(read, entries, options)


def _is_by_hand(config: "RunConfig") -> bool:
    """Print the engine; return whether it is NumPy, which has one version of each optimizer."""
    from nlptrain.comparison.trials.trial import engine_of

    choice = engine_of(config)
    note(f"engine: {choice.name}, {choice.reason}")
    kinds = [entry.optimizer.type for entry in config.comparison.optimizers]
    twice = {kind: None for kind in kinds if f"{kind}_by_hand" in kinds}
    if choice.name == "numpy" and twice:
        pairs = ", ".join(f"{kind} and {kind}_by_hand" for kind in twice)
        note(
            f"{pairs}: the same code in this engine, so trained only once; "
            "--set engine=torch compares PyTorch's optimizer with the one by hand"
        )
    return choice.name == "numpy"


def _describe(names: list[str]) -> list[str]:
    import json

    from nlptrain.config.optimizer import list_optimizers

    known = list_optimizers() if names else {}
    for name in names:
        if name not in known:
            raise typer.BadParameter(
                f"--optimizer {name}: not one of {', '.join(known)}; for other settings, use "
                "comparison.optimizers in the config"
            )
    return [
        json.dumps({"type": known[name].type, **known[name].model_dump(exclude_defaults=True)})
        for name in names
    ]
