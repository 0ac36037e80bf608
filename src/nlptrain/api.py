"""The commands as Python functions: same names, same settings, but values instead of tables."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from nlptrain.comparison.results import Results
    from nlptrain.evaluation.metrics import Scores
    from nlptrain.inference.explanation.explanation import Explanation
    from nlptrain.inference.model import Model
    from nlptrain.reporting.audience import Audience
    from nlptrain.training.outcome import Outcome

AnyPath = str | os.PathLike[str]
AnyConfig = AnyPath | Mapping[str, Any]


def train(
    config: AnyConfig,
    *,
    texts: Iterable[str] | None = None,
    labels: Iterable[Any] | None = None,
    overrides: Sequence[str] = (),
    runs_dir: AnyPath = "runs",
    baseline: bool = True,
    quiet: bool = True,
) -> "Outcome":
    """Train the network of a config in a new run folder.

        outcome = nlptrain.train("own_file", texts=names, labels=languages)
        print(outcome.scores.accuracy)
        nlptrain.load(outcome.folder.path).predict(["Emma"])

    With strings and labels, they are cleaned and split as a file's rows are, by the rules in the
    config's `data` section, and kept in the run's folder.

    Args:
        config: A YAML file, the name of a packaged config, or a config as a dict, whose paths are
            relative to the current folder.
        texts: Strings in place of the config's data: a list, an array, a column of pandas or
            polars, a pyarrow array.
        labels: Their labels, as many: strings, whole numbers or booleans.
        overrides: Changed settings, each as `key.path=value`.
        runs_dir: The folder of all runs.
        baseline: Whether to score a linear model beside a network on a file of yours.
        quiet: Whether to hide notes and progress, otherwise on standard error.

    Raises:
        ConfigError, DataError: The config or the data is not valid; nothing was written.
        RunFolderError: The run cannot be written.
        TrainingError: The training cannot continue.
        TypeError: The strings or the labels are no columns of such.
    """
    from nlptrain.training.from_python import start_from_python

    return start_from_python(
        config,
        texts,
        labels,
        overrides=overrides,
        runs_dir=Path(runs_dir),
        audience=_choose_audience(quiet=quiet),
        baseline=baseline,
    )


def resume(
    run: AnyPath,
    *,
    overrides: Sequence[str] = (),
    runs_dir: AnyPath = "runs",
    baseline: bool = True,
    quiet: bool = True,
) -> "Outcome":
    """Resume a run that was interrupted, killed or failed, or train a finished one longer.

    Args:
        run: A run's folder or name.
        overrides: Changed settings, each as `key.path=value`: the length of the training, what is
            recorded, the paths of the data.
        runs_dir: The folder of all runs.
        baseline: Whether to score a linear model beside a network on a file of yours.
        quiet: Whether to hide notes and progress, otherwise on standard error.

    Raises:
        RunFolderError: There is no such run, it is finished, damaged or being trained, or the
            settings or the data differ from its own.
        ConfigError, DataError: The config or the data cannot be read.
        TrainingError: The training cannot continue.
    """
    from nlptrain.runs.search import find_run
    from nlptrain.training.resume import resume as resume_run

    name = os.fspath(run)
    folder = find_run(name, Path(runs_dir), prefer_unfinished=True)
    command = f"nlptrain.resume({name!r}, overrides={list(overrides)!r})"
    audience = _choose_audience(quiet=quiet)
    return resume_run(
        folder, overrides=overrides, command=command, audience=audience, baseline=baseline
    )


def load(run: AnyPath | None = None, *, runs_dir: AnyPath = "runs") -> "Model":
    """Load the network of a run for prediction.

    Args:
        run: A run's folder or name, or a model file; None: the newest finished run.
        runs_dir: The folder of all runs.

    Raises:
        RunFolderError: There is no such run, or its model file is missing or damaged.
    """
    from nlptrain.inference.model import load as load_model

    return load_model(run, runs_dir=runs_dir)


def explain(text: str, run: AnyPath | None = None, *, runs_dir: AnyPath = "runs") -> "Explanation":
    """Follow a string through a network, and find which characters mattered.

    A notebook shows the result as a page; `to_json()` has every number.

    Args:
        text: Any string.
        run: A run's folder or name, or a model file; None: the newest finished run.
        runs_dir: The folder of all runs.

    Raises:
        RunFolderError: There is no such run, or its model file is missing or damaged.
    """
    from nlptrain.inference.explanation.explanation import explain as explain_text
    from nlptrain.inference.model import load as load_model

    return explain_text(load_model(run, runs_dir=runs_dir), text)


def evaluate(
    run: AnyPath | None = None,
    *,
    runs_dir: AnyPath = "runs",
    split: Literal["train", "validation", "test"] = "test",
    file: AnyPath | None = None,
    text: int | str | None = None,
    label: int | str | None = None,
    delimiter: str | None = None,
    encoding: str = "utf-8",
) -> "Scores":
    """Score a run's network on a split of its own data, or on a labelled file.

    Rows of a label that the network does not know are left out of the scores.

    Args:
        run: A run's folder or name, or a model file; None: the newest finished run.
        runs_dir: The folder of all runs.
        split: The split of the run's own data.
        file: A labelled table instead: CSV, TSV, JSONL, JSON, Parquet, Excel or OpenDocument.
        text: The table's column of strings; None: the same as in training.
        label: The table's column of labels; None: the same as in training.
        delimiter: The table's column separator; None: by the file's ending.
        encoding: The table's text encoding.

    Raises:
        RunFolderError: There is no such run, or its model file is missing or damaged.
        DataError: The data has changed, or cannot be read.
    """
    from nlptrain.inference.evaluation import evaluate_file, evaluate_split
    from nlptrain.inference.labelled_file import LabelledFile

    name = None if run is None else os.fspath(run)
    if file is None:
        return evaluate_split(name, Path(runs_dir), split).scores
    labelled = LabelledFile(Path(file), text, label, delimiter, encoding)
    return evaluate_file(name, Path(runs_dir), labelled).scores


def compare_optimizers(
    config: AnyPath = "optimizers",
    *,
    overrides: Sequence[str] = (),
    runs_dir: AnyPath = "comparisons",
    output: AnyPath | None = None,
    jobs: int | None = None,
    quiet: bool = True,
) -> tuple["Results", Path]:
    """Compare the optimizers of a config, each at its best learning rate.

    Args:
        config: A YAML file, or the name of a packaged config.
        overrides: Changed settings, each as `key.path=value`.
        runs_dir: The folder in which the comparison's folder is created.
        output: The comparison's folder; None: one in runs_dir.
        jobs: Parallel processes; None: one per processor.
        quiet: Whether to hide notes, otherwise on standard error.

    Returns:
        The results, and the comparison's folder.

    Raises:
        ConfigError, DataError: The config or the data is not valid; nothing was trained.
        RunFolderError: The results cannot be written.
        TrainingError: The trials cannot be finished.
    """
    from nlptrain.comparison.protocol.contestants import enter_optimizers
    from nlptrain.comparison.run import compare
    from nlptrain.comparison.trials.trial import engine_of
    from nlptrain.config.load import load_config
    from nlptrain.workers.execution import Workers

    audience = _choose_audience(quiet=quiet)
    loaded = load_config(os.fspath(config), overrides)
    for sentence in loaded.notes:
        audience.tell(sentence)
    return compare(
        enter_optimizers(loaded.config, one_code=engine_of(loaded.config).name == "numpy"),
        loaded.config,
        runs_dir=Path(runs_dir),
        output=None if output is None else Path(output),
        workers=Workers(jobs),
        audience=audience,
    )


def build_audience(*, progress: bool) -> "Audience":
    """Print messages about the data, and optionally progress, on standard error."""
    from nlptrain.reporting.audience import Audience
    from nlptrain.reporting.literal import MAX_LINE
    from nlptrain.reporting.wrapping import write_lines

    def tell(sentence: str) -> None:
        write_lines(sentence, sys.stderr, MAX_LINE)

    if not progress:
        return Audience(tell)
    from nlptrain.reporting.console import ConsoleProgress
    from nlptrain.reporting.stage_progress import error_console

    def watch(steps: int, epochs: int, phase: str = "") -> ConsoleProgress:
        return ConsoleProgress(steps, epochs, error_console(), phase)

    return Audience(tell, watch)


def _choose_audience(*, quiet: bool) -> "Audience":
    from nlptrain.reporting.audience import Audience

    return Audience() if quiet else build_audience(progress=True)
