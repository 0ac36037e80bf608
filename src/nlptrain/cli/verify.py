"""`nlptrain verify`."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nlptrain.cli.config_source import read_config
from nlptrain.cli.options import ConfigArgument, JsonOption, SetOption
from nlptrain.cli.output import note, print_json, show_facts, show_table
from nlptrain.tracking.stage import stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nlptrain.training.verification import Deviation


def verify(
    config: ConfigArgument = "rnn",
    overrides: SetOption = None,
    steps: Annotated[int, typer.Option("--steps", min=1, help="Updates to compare.")] = 5,
    dtype: Annotated[
        Literal["float64", "float32"], typer.Option("--dtype", help="Precision of both engines.")
    ] = "float64",
    as_json: JsonOption = False,
) -> None:
    """Check that both engines give the same results.

    If the network by hand and the one in torch disagree, the exit status is 1. Both start from the
    same parameters and see the same batches; the logits, the loss, every gradient, and the
    parameters after each update are compared.

    \b
    Examples:
      nlptrain verify
      nlptrain verify configs/lstm.yaml --steps 20 --dtype float32
    """
    run_config = read_config(config, overrides)
    batch_size = run_config.training.batch_size
    note(f"by hand and torch, on the CPU in {dtype}: steps {steps:,}, batch size {batch_size:,}")
    with stage("verifying"):
        from nlptrain.training.verification import ROUNDING_ALONE
        from nlptrain.training.verification import verify as run_both

        result = run_both(run_config, steps=steps, dtype=dtype)
    for sentence in result.notes:
        note(sentence)
    (_print_json if as_json else _show)(result.deviations)
    failed = sum(not each.passed for each in result.deviations)
    if not failed:
        return
    note(f"{failed} of {len(result.deviations)} differ by more than rounding errors")
    if dtype == "float32":
        note(ROUNDING_ALONE)
    raise typer.Exit(1)


def _show(deviations: "Sequence[Deviation]") -> None:
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
    show_table(
        ["quantity", "array"],
        ["largest difference", "relative", "tolerance", "result"],
        rows,
        omit_first=["relative", "tolerance"],
        complete_in="nlptrain verify --json",
    )
    reasons = {
        "relative": "largest difference / largest value in torch's array",
        "tolerance before updates": deviations[0].reason,
        "tolerance after updates": deviations[-1].reason,
    }
    show_facts(reasons)


def _print_json(deviations: "Sequence[Deviation]") -> None:
    from dataclasses import asdict

    from nlptrain.files.storage import finite

    rows = [{**asdict(each), "passed": each.passed} for each in deviations]
    print_json(finite(rows), indent=2)
