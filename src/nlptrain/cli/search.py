"""`nlptrain search`."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlptrain.cli.comparing import SchedulerOption
from nlptrain.cli.completion import complete_setting
from nlptrain.cli.config_source import read_config
from nlptrain.cli.options import BaselineOption, ConfigArgument, QuietOption, SetOption, refuse_both
from nlptrain.cli.output import command_line, console, note, say, show_facts, show_table

if TYPE_CHECKING:
    from nlptrain.config.run import RunConfig
    from nlptrain.search.run import Found, Places

SEARCHES_DIR = Path("searches")


def search(
    config: ConfigArgument,
    varied: Annotated[
        list[str] | None,
        typer.Option(
            "--vary",
            metavar="KEY.PATH=VALUES",
            help="Search a setting too: from..to, from..to:log, from..to:step=N, or value,value; "
            "may be repeated.",
            autocompletion=complete_setting,
        ),
    ] = None,
    overrides: SetOption = None,
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials",
            min=1,
            metavar="N",
            help="Settings to try; default: the config's, which is 50, or with --minutes as many "
            "as they allow.",
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", min=0.01, metavar="M", help="Begin no trial after this long."),
    ] = None,
    objective: Annotated[
        str | None,
        typer.Option(
            "--objective",
            metavar="SCORE[,COST]",
            help="accuracy, macro_f1 or loss; with a cost, two at once: parameters, seconds or "
            "model_bytes.",
        ),
    ] = None,
    prefer: Annotated[
        str | None,
        typer.Option(
            "--prefer", metavar="best|small", help="Of two objectives, what is taken in the end."
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            "--seeds", min=1, metavar="N", help="Fresh seeds in the end; default: the config's, 6."
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            "--jobs",
            min=1,
            metavar="N",
            help="Parallel processes; with more than one, the order of the trials is theirs; "
            "default: 1.",
        ),
    ] = None,
    scheduler: SchedulerOption = None,
    storage: Annotated[
        str | None,
        typer.Option(
            "--storage",
            metavar="URL",
            help="Keep the study in this database, as Optuna takes it, so that several machines "
            "work on it; default: a file in the folder.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            metavar="DIR",
            help="Folder of this search; default: a new one in the searches' folder, or that of "
            "the same search, which goes on.",
        ),
    ] = None,
    searches_dir: Annotated[
        Path, typer.Option("--searches-dir", metavar="DIR", help="The searches' folder.")
    ] = SEARCHES_DIR,
    no_baseline: BaselineOption = False,
    quiet: QuietOption = False,
) -> None:
    """Search the best settings of a config.

    What is searched stands under `search.space` in the config, or in --vary. The best trials are
    trained on other seeds, and the best of those is taken. It and the config as given are trained
    on fresh seeds, and these alone read the test split.

    Prints what was found, how much better it is, and how much of that was luck. The folder has
    best.yaml, which trains as it stands, report.html, and all trials. Repeat the command to resume,
    with more --trials or for as many --minutes again to go on; the same command in another terminal
    helps.

    \b
    Examples:
      nlptrain search own_file --set data.file.path=mine.csv --minutes 10
      nlptrain search rnn --vary optimizer.learning_rate=1e-4..1e-1:log
      nlptrain search own_file --objective accuracy,parameters --prefer small
    """
    settings = _override(
        {"trials": trials, "minutes": minutes, "prefer": prefer, "seeds": seeds}, objective
    )
    run_config = read_config(config, [*(overrides or ()), *settings], varied or ())
    refuse_both(jobs, scheduler)
    from nlptrain.search.run import Places

    places = Places(jobs or 1, storage, scheduler)
    found = _search(run_config, searches_dir, output, places, baseline=not no_baseline, quiet=quiet)
    if found is not None:
        show_found(found)


def _override(settings: dict[str, object], objective: str | None) -> list[str]:
    words = [f"search.{key}={value}" for key, value in settings.items() if value is not None]
    if objective is not None:
        names = ", ".join(part.strip() for part in objective.split(","))
        words.append(f"search.objective={f'[{names}]' if ',' in names else names}")
    return words


def _search(
    config: "RunConfig",
    searches_dir: Path,
    output: Path | None,
    places: "Places",
    *,
    baseline: bool,
    quiet: bool,
) -> "Found | None":
    from nlptrain.reporting.audience import Audience
    from nlptrain.reporting.search_progress import SearchProgress
    from nlptrain.reporting.trial_progress import TrialProgress
    from nlptrain.search.run import search

    progress, final = SearchProgress(console(stderr=True)), TrialProgress(console(stderr=True))

    def watch(stage: str, done: int, total: int) -> None:
        progress.close()
        final.watch(stage, done, total)

    audience = Audience(tell=note) if quiet else Audience(tell=note, watch_trials=watch)
    try:
        return search(
            config,
            searches_dir=searches_dir,
            output=output,
            command=command_line(),
            places=places,
            audience=audience,
            follow=None if quiet else progress.follow,
            baseline=baseline,
        )
    except KeyboardInterrupt:
        note("interrupted; finished trials are kept, and the same command resumes the search")
        raise typer.Exit(130) from None
    finally:
        progress.close()
        final.close()


def show_found(found: "Found") -> None:
    """Print what was found, what follows from it, and the files."""
    from nlptrain.search.report.answer import answer_sentences
    from nlptrain.search.report.page import list_settings

    show_table(["setting"], [], list_settings(found), texts=["as given", "found"])
    typer.echo()
    for sentence in answer_sentences(found):
        say(sentence)
    typer.echo()
    folder = found.folder
    show_facts(
        {
            "config": str(folder / "best.yaml"),
            "report": str(folder / "report.html"),
            "trials": str(folder / "trials.csv"),
            "curves": shlex.join(["tensorboard", "--logdir", str(folder / "tensorboard")]),
            "next": shlex.join(["nlptrain", "train", str(folder / "best.yaml")]),
        }
    )
