"""`nlptrain compare-optimizers`."""

from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.comparing import (
    JobsOption,
    OutputOption,
    SchedulerOption,
    SeedsOption,
    override,
    run_comparison,
    show_ranking,
)
from nlptrain.cli.completion import complete_config, complete_optimizer
from nlptrain.cli.config_source import read_config
from nlptrain.cli.options import RUNS_DIR, QuietOption, RunsDirOption, SetOption
from nlptrain.cli.output import note

if TYPE_CHECKING:
    from nlptrain.config.run import RunConfig


def compare_optimizers(
    config: Annotated[
        str,
        typer.Argument(
            metavar="CONFIG",
            help="A YAML file, or a packaged config's name.",
            autocompletion=complete_config,
        ),
    ] = "optimizers",
    optimizers: Annotated[
        list[str] | None,
        typer.Option(
            "--optimizer",
            metavar="NAME",
            help="In place of the config's: a type of optimizer (sgd, adam, adamw, …), or momentum "
            "or nesterov; may be repeated.",
            autocompletion=complete_optimizer,
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials", min=1, metavar="N", help="Learning rates tried for each; 1: no tuning."
        ),
    ] = None,
    seeds: SeedsOption = None,
    overrides: SetOption = None,
    jobs: JobsOption = None,
    scheduler: SchedulerOption = None,
    output: OutputOption = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    quiet: QuietOption = False,
) -> None:
    """Compare optimizers, each at its best learning rate.

    Each is tuned on the validation split, then trained on fresh seeds. All get the same start and
    the same batches at a seed, and as many learning rates to try. Ends with a ranking, and a report
    that says how far it can be trusted.

    \b
    Examples:
      nlptrain compare-optimizers
      nlptrain compare-optimizers rnn --optimizer sgd --optimizer adam --seeds 10
      nlptrain compare-optimizers --set engine=torch --optimizer sgd_by_hand
    """
    chosen = _describe(optimizers or [])
    settings = override({"trials": trials, "seeds": seeds})
    if chosen:
        settings.append(f"comparison.optimizers=[{', '.join(chosen)}]")
    run_config = read_config(config, [*(overrides or ()), *settings])
    from nlptrain.comparison.protocol.contestants import enter_optimizers

    results, folder = run_comparison(
        enter_optimizers(run_config, one_code=_is_by_hand(run_config)),
        run_config,
        runs_dir=runs_dir,
        output=output,
        jobs=jobs,
        scheduler=scheduler,
        quiet=quiet,
    )
    show_ranking(results, folder)


def _is_by_hand(config: "RunConfig") -> bool:
    """Report which engine computes; return whether it is the one by hand, which has one of each."""
    from nlptrain.comparison.trials.trial import engine_of

    choice = engine_of(config)
    note(f"engine: {choice.name}, {choice.reason}")
    kinds = [optimizer.type for optimizer in config.comparison.optimizers]
    twice = {kind: None for kind in kinds if f"{kind}_by_hand" in kinds}
    if choice.name == "numpy" and twice:
        pairs = ", ".join(f"{kind} and {kind}_by_hand" for kind in twice)
        note(
            f"{pairs}: one code in this engine, which trains once; "
            "--set engine=torch trains PyTorch's and the one by hand"
        )
    return choice.name == "numpy"


def _describe(names: list[str]) -> list[str]:
    """Write named optimizers as a config has them."""
    import json

    from nlptrain.config.optimizer import list_optimizers

    known = list_optimizers() if names else {}
    for name in names:
        if name not in known:
            raise typer.BadParameter(
                f"--optimizer {name}: not one of {', '.join(known)}; other settings go into "
                "the config's comparison.optimizers"
            )
    return [
        json.dumps({"type": known[name].type, **known[name].model_dump(exclude_defaults=True)})
        for name in names
    ]
