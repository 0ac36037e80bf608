"""`nlptrain compare`."""

from typing import Annotated

import typer

from nlptrain.cli.comparing import (
    COMPARISONS_DIR,
    ComparisonOptions,
    ComparisonsDirOption,
    JobsOption,
    OutputOption,
    SchedulerOption,
    SeedsOption,
    override,
    run_comparison,
)
from nlptrain.cli.comparison_output import CsvOption, MarkdownOption, choose_form, show_ranking
from nlptrain.cli.completion import complete_compared, complete_setting
from nlptrain.cli.options import QuietOption, SetOption


def compare(
    config: Annotated[
        str,
        typer.Argument(
            metavar="CONFIG",
            help="A YAML file, or the name of a packaged config.",
            autocompletion=complete_compared,
        ),
    ],
    varied: Annotated[
        list[str],
        typer.Option(
            "--vary",
            metavar="KEY.PATH=VALUE,VALUE",
            help="Values of a setting to compare; repeat it for all combinations.",
            autocompletion=complete_setting,
        ),
    ],
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
    """Compare settings of a config with the same seeds.

    Prints a ranking, each mean with the lowest and the highest seed in brackets, and what does and
    does not follow from it; nothing is tuned. `nlptrain compare report FOLDER` writes the report of
    a comparison again.

    \b
    Examples:
      nlptrain compare rnn --vary model.encoder.type=pooling,rnn,cnn
      nlptrain compare rnn --vary model.encoder.cell=rnn_tanh,gru --vary training.batch_size=20,64
    """
    from nlptrain.comparison.protocol.contestants import enter_variations
    from nlptrain.config.load import load_config

    form = choose_form(as_csv=as_csv, as_markdown=as_markdown)
    settings = [*(overrides or ()), *override({"seeds": seeds})]
    results, folder = run_comparison(
        enter_variations(config, settings, varied),
        load_config(config, settings).config,
        ComparisonOptions(comparisons_dir, output, jobs, scheduler, quiet),
    )
    show_ranking(results, folder, form)
