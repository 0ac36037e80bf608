"""`nlptrain export`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, assert_never

import typer

from nlptrain.cli.completion import complete_run
from nlptrain.cli.options import RUNS_DIR, RunsDirOption
from nlptrain.cli.output import note, show_facts

if TYPE_CHECKING:
    from nlptrain.inference.model import Model


class Format(StrEnum):
    """What a network can be exported as; its value ends the file's name, too."""

    ONNX = "onnx"
    HTML = "html"


def export(
    file_format: Annotated[
        Format,
        typer.Option(
            "--format",
            help="onnx: for ONNX Runtime and other runtimes. html: one page that computes in the "
            "browser as one types, and shows every step.",
        ),
    ],
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN",
            help="A run's folder or name, or a model file; default: the newest finished run.",
            autocompletion=complete_run,
        ),
    ] = None,
    runs_dir: RunsDirOption = RUNS_DIR,
    beside: Annotated[
        str | None,
        typer.Option(
            "--beside",
            metavar="OTHER",
            help="html: a second run, which reads the same string beside the first; the page shows "
            "where they differ.",
            autocompletion=complete_run,
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", help="Where it goes; default: beside the model file."
        ),
    ] = None,
    strings: Annotated[
        bool,
        typer.Option(
            "--strings", help="onnx: read strings, not token ids; for ONNX Runtime alone."
        ),
    ] = False,
) -> None:
    """Write a trained network as an ONNX file or a page.

    The file has all that a prediction needs: the network, the characters, the labels. Before an
    ONNX file is written, its probabilities are held against those of `nlptrain predict`.

    \b
    Examples:
      nlptrain export --format onnx
      nlptrain export rnn-001 --format onnx --strings --output names.onnx
      nlptrain export rnn-001 --format html
      nlptrain export rnn-001 --format html --beside cnn-001
    """
    if strings and file_format is not Format.ONNX:
        raise typer.BadParameter("--strings is for --format onnx alone")
    if beside is not None and file_format is not Format.HTML:
        raise typer.BadParameter("--beside is for --format html alone")
    if output is not None and output.suffix[1:] in set(Format) - {file_format}:
        problem = f"--format {file_format} writes no {output.suffix} file"
        raise typer.BadParameter(f"--output {output}: {problem}")
    from nlptrain.inference.model import load

    model = load(run, runs_dir=runs_dir)
    if run is None:
        note(f"run: {model.path.parent}")
    match file_format:
        case Format.ONNX:
            _export_onnx(model, output or model.path.with_suffix(".onnx"), strings=strings)
        case Format.HTML:
            other = None if beside is None else load(beside, runs_dir=runs_dir)
            _export_html(model, other, output)
        case _:
            assert_never(file_format)


def _export_onnx(model: "Model", path: Path, *, strings: bool) -> None:
    from nlptrain.packages import require

    require("onnx", "onnxruntime", purpose="--format onnx", extra="onnx")
    from nlptrain.export.onnx.export import export_onnx
    from nlptrain.export.probe import NUMBER

    written = export_onnx(model, path, strings=strings)
    show_facts(
        {
            "file": str(written.path),
            "bytes": f"{written.size:,}",
            "operators": written.operators,
            "inputs": written.inputs,
            "outputs": written.outputs,
            "difference": f"at most {written.difference:.1e}, over {NUMBER:,} strings",
        }
    )


def _export_html(model: "Model", beside: "Model | None", output: Path | None) -> None:
    from nlptrain.export.html import choose_path, save_page

    path = output or choose_path(model, beside)
    save_page(model, path, beside)
    show_facts({"file": str(path), "bytes": f"{path.stat().st_size:,}"})
