"""What a training came to."""

from dataclasses import dataclass

from nlptrain.evaluation.metrics import Scores
from nlptrain.runs.folder import RunFolder
from nlptrain.training.final_evaluation import FinalEvaluation
from nlptrain.training.refit import Refit


@dataclass(frozen=True, eq=False, repr=False)
class Outcome:
    """The result of training.

    Attributes:
        folder: The run.
        scores: Of the best model on the test split; None if training was interrupted.
        best_step: The step of the best model.
        steps: Steps so far, including those before an interruption. Where the run is refitted,
            these three are of its first training.
        skipped: Steps without an update, since their numbers were not finite.
        seconds: Wall-clock time from the first to the last step of this process.
        strings_per_second: Training strings per second, including evaluation and saving.
        interrupted_by: The signal that interrupted training, or None.
        evaluation: Of the best model on the test split; None if training was interrupted.
        example: A test string to try the network on.
        refit: The second training, whose model has the test scores; None if there was none.
    """

    folder: RunFolder
    scores: Scores | None
    best_step: int
    steps: int
    skipped: int
    seconds: float
    strings_per_second: float
    interrupted_by: int | None = None
    evaluation: FinalEvaluation | None = None
    example: str = "abcd"
    refit: Refit | None = None

    def __repr__(self) -> str:
        # A session shows it after each training: not all arrays that it holds.
        ended = f"interrupted after step {self.steps:,}"
        if self.scores is not None:
            ended = f"test accuracy {self.scores.accuracy:.4f}"
        return f"<Outcome of {str(self.folder.path)!r}: {ended}>"

    def _repr_html_(self) -> str:
        from nlptrain.reporting.pages.notebook import render_facts

        facts = [("run", str(self.folder.path)), ("best step", f"{self.best_step:,}")]
        if self.scores is None:
            return render_facts([("interrupted", f"after step {self.steps:,}"), *facts])
        scores = {
            "test accuracy": f"{self.scores.accuracy:.4f}",
            "test macro F1": f"{self.scores.macro_f1:.4f}",
            "test loss": f"{self.scores.loss:.4g}",
            "majority class": f"{self.scores.majority_rate:.4f}",
        }
        return render_facts([*scores.items(), *facts])
