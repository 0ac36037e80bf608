"""`nlptrain verify`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nlptrain.cli.config_source import read_config
from nlptrain.cli.options import JsonOption, SetOption
from nlptrain.cli.output import console, note, print_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nlptrain.training.verification import Deviation


def verify(
    config: Annotated[
        str,
        typer.Argument(metavar="[CONFIG]", help="A YAML file, or a packaged config's name."),
    ] = "rnn",
    overrides: SetOption = None,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Updates to compare.")] = 5,
    dtype: Annotated[
        Literal["float64", "float32"], typer.Option("--dtype", help="Precision of both engines.")
    ] = "float64",
    as_json: JsonOption = False,
) -> None:
    """Check that both engines compute the same.

    The network by hand and torch's must agree, else the exit status is 1. Both
    start from the same numbers and see the same batches: logits, loss, every
    gradient, and the parameters after each update are compared.

    \b
    Examples:
      nlptrain verify
      nlptrain verify configs/lstm.yaml --steps 20 --dtype float32
    """
    run_config = read_config(config, overrides)
    batch_size = run_config.training.batch_size
    note(f"by hand and torch, on the CPU in {dtype}: steps {steps:,}, batch size {batch_size:,}")
    from nlptrain.training.verification import ROUNDING_ALONE
    from nlptrain.training.verification import verify as run_both

    result = run_both(run_config, steps=steps, dtype=dtype)
    for sentence in result.notes:
        note(sentence)
    (_print_json if as_json else _show)(result.deviations)
    failed = sum(not each.passed for each in result.deviations)
    if not failed:
        return
    note(f"{failed} of {len(result.deviations)} differ by more than rounding explains")
    if dtype == "float32":
        note(ROUNDING_ALONE)
    raise typer.Exit(1)


def _show(deviations: "Sequence[Deviation]") -> None:
    from nlptrain.reporting.table_layout import print_facts, print_table
    from nlptrain.reporting.tables import verification_table

    rows = (
        (
            each.quantity,
            each.array,
            f"{each.absolute:.1e}",
            f"{each.relative:.1e}",
            f"{each.allowed:.1e}",
            "pass" if each.passed else "FAIL",
        )
        for each in deviations
    )
    out = console()
    print_table(verification_table(rows), out)
    reasons = {
        "relative": "largest difference / largest number of torch's, in the same array",
        "tolerance before updates": deviations[0].reason,
        "tolerance after updates": deviations[-1].reason,
    }
    print_facts(reasons, out)


def _print_json(deviations: "Sequence[Deviation]") -> None:
    from dataclasses import asdict
    from math import isfinite

    rows = [{**asdict(each), "passed": each.passed} for each in deviations]
    # JSON knows no NaN.
    rows = [
        {
            key: None if isinstance(value, float) and not isfinite(value) else value
            for key, value in row.items()
        }
        for row in rows
    ]
    print_json(rows, indent=2)
