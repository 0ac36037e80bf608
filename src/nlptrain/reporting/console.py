"""Progress on standard error: live on a terminal, otherwise one line per evaluation."""

import contextlib
from time import monotonic

from rich.console import Console
from rich.live import Live
from rich.text import Text

from nlptrain.reporting.records import EvaluationRecord, Record, StepRecord, TrainingMeans

_SECONDS_BETWEEN_REDRAWS = 0.1
_BAR_WIDTH = 24


class ConsoleProgress:
    """Shows the progress, the scores and the speed of a training run."""

    def __init__(self, total_steps: int, epochs: int, console: Console, phase: str = "") -> None:
        """Start the clock; totals include the steps and epochs before an interruption.

        The name of a run's second phase begins each line; that of the first is empty.
        """
        self._phase = f"{phase} " if phase else ""
        self._total_steps = total_steps
        self._epochs = epochs
        self._console = console
        self._live: Live | None = None
        self._started = self._last_step_at = monotonic()
        self._seconds_outside_steps = 0.0
        self._next_redraw = 0.0
        self._first_step: int | None = None
        self._examples = 0
        self._last_step: StepRecord | None = None
        self._validation = Text()
        self._best_accuracy = float("nan")
        self._is_closed = False

    def report(self, record: Record) -> None:
        """Count a step, show an evaluation."""
        if self._is_closed:
            return
        try:
            self._report(record)
        except OSError:
            # The terminal was closed, which must not stop the training.
            self._is_closed = True

    def _report(self, record: Record) -> None:
        if not isinstance(record, StepRecord):
            self._report_means(record)
            return
        now = monotonic()
        self._last_step, self._last_step_at = record, now
        self._examples += record.examples
        if self._first_step is None:
            self._first_step = record.step
        if now >= self._next_redraw:
            self._next_redraw = now + _SECONDS_BETWEEN_REDRAWS
            self._redraw()

    def close(self) -> None:
        """Keep the last line and release the terminal."""
        if self._live is not None:
            with contextlib.suppress(OSError):
                self._live.stop()

    def _report_means(self, record: EvaluationRecord | TrainingMeans) -> None:
        if isinstance(record, EvaluationRecord):
            if record.is_best:
                self._best_accuracy = record.accuracy
            self._validation = self._validation_text(record)
        self._redraw()
        if not self._console.is_interactive:
            self._console.print(self._plain_line(record), highlight=False, soft_wrap=True)
        self._seconds_outside_steps += monotonic() - self._last_step_at

    def _redraw(self) -> None:
        if self._last_step is None or not self._console.is_interactive:
            return
        if self._live is None:
            # Otherwise rich would redirect results on standard output to this console. It
            # refreshes itself for the stages below it, as of a long evaluation.
            self._live = Live(console=self._console, redirect_stdout=False)
            self._live.start()
        self._live.update(self._live_text(self._last_step), refresh=True)

    def _live_text(self, record: StepRecord) -> Text:
        """Format one line, or two with the scores below if the terminal is too narrow."""
        done = min(record.step / self._total_steps, 1.0)
        place = self._place(record.epoch, done, _BAR_WIDTH)
        scores = Text(f"train loss {_loss(record.loss)}").append_text(self._validation)
        pace = Text(f"{self._speed():>7,.0f} strings/s  {self._time_left(record.step)} left")
        gap = Text("  ")
        text = gap.join([place, scores, pace])
        width = self._console.width
        if text.cell_len > width:
            excess = place.cell_len + gap.cell_len + pace.cell_len - width
            place = self._place(record.epoch, done, max(_BAR_WIDTH - max(excess, 0), 0))
            text = Text("\n").join([gap.join([place, pace]), scores])
        text.no_wrap, text.overflow = True, "ellipsis"
        return text

    def _place(self, epoch: int, done: float, bar_width: int) -> Text:
        filled = round(done * bar_width)
        bar = Text.assemble(("━" * filled, "green"), ("━" * (bar_width - filled), "dim"))
        return Text.assemble(f"{self._phase}epoch {epoch}/{self._epochs} ", bar, f" {done:4.0%}")

    def _validation_text(self, record: EvaluationRecord) -> Text:
        text = Text(f"  validation acc {_share(record.accuracy)}")
        if record.is_best:
            return text.append(" best", "green")
        return text.append(f" (best {_share(self._best_accuracy)})")

    def _plain_line(self, record: EvaluationRecord | TrainingMeans) -> Text:
        epochs, steps = str(self._epochs), str(self._total_steps)
        validation = ""
        if isinstance(record, EvaluationRecord):
            validation = (
                f"  validation loss {_loss(record.loss)} acc {_share(record.accuracy)}"
                f" F1 {_share(record.macro_f1)}  {'best' if record.is_best else '    '}"
            )
        return Text(
            f"{self._phase}epoch {record.epoch:>{len(epochs)}}/{epochs}"
            f"  step {record.step:>{len(steps)}}"
            f"  train loss {_loss(record.train_loss)} acc {_share(record.train_accuracy)}"
            f"{validation}  {self._speed():>7,.0f} strings/s"
        )

    def _speed(self) -> float:
        """Return strings per second, without the time of evaluations."""
        seconds = self._last_step_at - self._started - self._seconds_outside_steps
        return self._examples / seconds if seconds > 0 else 0.0

    def _time_left(self, step: int) -> str:
        """Extrapolate the mean pace so far, including evaluations."""
        steps_done = step - (self._first_step or 0) + 1
        pace = (self._last_step_at - self._started) / steps_done
        minutes, seconds = divmod(round(pace * max(self._total_steps - step, 0)), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _loss(value: float) -> str:
    """Format a loss in seven columns, in exponential form if small or large."""
    plain = value == 0 or 1e-3 <= abs(value) < 100
    return f"{value:7.4f}" if plain else f"{value:7.1e}"


def _share(value: float) -> str:
    """Format a number from 0 to 1 in five columns: .9871, 1.000."""
    text = f"{value:.4f}"
    return text[1:] if text.startswith("0") else f"{text[:5]:>5}"
