"""The figures of `nlptrain evaluate`."""

from pathlib import Path
from typing import TYPE_CHECKING

from nlptrain.cli.output import note
from nlptrain.errors import RunFolderError

if TYPE_CHECKING:
    from nlptrain.inference.evaluation import Evaluation


def draw(evaluation: "Evaluation", figures: Path | None, *, is_test: bool) -> None:
    """Draw what the config asks for into the run's folder, or everything into another one."""
    from nlptrain.files.storage import describe_refusal
    from nlptrain.packages import is_installed
    from nlptrain.runs.folder import RunFolder

    is_wanted = evaluation.by_length or (is_test and evaluation.calibrates)
    if figures is None and is_wanted and not is_installed("matplotlib"):
        note("no figures: matplotlib is not installed: pip install matplotlib")
        return
    if figures is not None:
        try:
            figures.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RunFolderError(
                f"{figures}: cannot make the folder: {describe_refusal(error)}"
            ) from error
    folder = RunFolder(figures or evaluation.model.path.parent)
    if evaluation.by_length:
        from nlptrain.reporting.figures.length import draw_accuracy_by_length

        chance = evaluation.scores.majority_rate
        draw_accuracy_by_length(folder.lengths_figure_path, evaluation.by_length, chance)
        note(f"figure: {folder.lengths_figure_path}")
    if figures is not None or (is_test and evaluation.calibrates):
        from nlptrain.reporting.figures.reliability import draw_reliability

        file = evaluation.model.file
        series = {"": evaluation.reliability}
        if file.temperature != 1:
            name = f"temperature {file.temperature:.3g}"
            series = {"uncalibrated": evaluation.uncalibrated, name: evaluation.reliability}
        label = file.labels[1] if len(file.labels) == 2 else None
        draw_reliability(folder.reliability_figure_path, series, label)
        note(f"figure: {folder.reliability_figure_path}")
