"""A network trained in memory: no run, no checkpoint, and no test split."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from nlptrain.config.dump import dump_config
from nlptrain.config.run import RunConfig
from nlptrain.datasets.examples import Dataset
from nlptrain.errors import ConfigError
from nlptrain.files.model_file import ModelFile
from nlptrain.files.storage import write_text
from nlptrain.reporting.metrics_file import MetricsFile
from nlptrain.reporting.records import EvaluationRecord
from nlptrain.reporting.reporter import Reporter
from nlptrain.reporting.tensorboard import TensorBoardLog
from nlptrain.runs.folder import RunFolder
from nlptrain.runs.numbering import make_numbered_folder
from nlptrain.training.assembly import Training, assemble
from nlptrain.training.final_evaluation import fit_decision_rule
from nlptrain.training.head_weights import weigh_heads
from nlptrain.training.preparation import prepare
from nlptrain.training.refit import begin_refit, build_refitted_model


@dataclass(frozen=True, eq=False)
class Trained:
    """What a training in memory came to.

    Attributes:
        model: The network that predicts.
        epochs: Passes over the training strings, the last one possibly incomplete.
        folder: Where its files are; None: nowhere.
    """

    model: ModelFile
    epochs: int
    folder: Path | None


def train_in_memory(config: RunConfig, dataset: Dataset, runs_dir: Path | None) -> Trained:
    """Train a config's network on a dataset.

    Args:
        config: Its data section is not read.
        dataset: Without validation strings, the network after the last step is the model.
        runs_dir: Where to make a numbered folder for metrics, events, the config and the model;
            None: nothing is written.

    Raises:
        ConfigError, DataError: The config cannot be trained on the strings.
        RunFolderError: The folder cannot be written.
        TrainingError: Training diverged.
    """
    _check_config(config, dataset)
    with _restored_threads():
        training = assemble(config, prepare(config, dataset))
        folder = None if runs_dir is None else make_numbered_folder(runs_dir, config.name)
        model = _finish(training, _train(training, folder))
        if config.training.refit and len(dataset.validation):
            second = begin_refit(training)
            model = build_refitted_model(model, _train(second, folder).arrays)
    # As it will be read back: the vectors of n-grams may be rounded in the file.
    model = ModelFile.from_bytes(model.to_bytes())
    if folder is not None:
        model.save(RunFolder(folder).model_path)
    return Trained(model, -(-training.progress.step // training.plan.steps_per_epoch), folder)


def _train(training: Training, folder: Path | None) -> ModelFile:
    """Train to the end, and return the best network, or the last where nothing was validated."""
    best: ModelFile | None = None
    with ExitStack() as opened:
        reporters = [] if folder is None else _open_reporters(training, folder)
        for reporter in reporters:
            opened.callback(reporter.close)
        for record in training.records():
            for reporter in reporters:
                reporter.report(record)
            if isinstance(record, EvaluationRecord) and record.is_best:
                best = training.model_file()
    if best is None:
        training.learner.begin_evaluation()
        best = training.model_file()
    return best


def _finish(training: Training, model: ModelFile) -> ModelFile:
    """Fit the decision rule of the best network on validation."""
    if model.half_precision:
        model = ModelFile.from_bytes(model.to_bytes())
    training.learner.load_arrays(model.arrays)
    if training.config.training.calibration == "heads":
        model = weigh_heads(training.learner, training.preparation, model)
    rule = fit_decision_rule(training.learner, training.preparation, training.config.training)
    return replace(model, threshold=rule.threshold, temperature=rule.temperature)


def _open_reporters(training: Training, folder: Path) -> Sequence[Reporter]:
    config, first = training.config, training.first
    phase = None if first is None else "refit"
    run = RunFolder(folder)
    offset = run.metrics_path.stat().st_size if first is not None else 0
    reporters: list[Reporter] = [
        MetricsFile(run.metrics_path, config.logging.every_steps, offset, phase)
    ]
    if config.logging.tensorboard:
        steps_before = first.step if first is not None else 0
        log = TensorBoardLog(
            folder,
            config.logging.every_steps,
            config.logging.histograms,
            training.preparation.dataset.labels,
            purge_step=0 if first is None else steps_before + 1,
            steps_before=steps_before,
            phase=phase,
        )
        reporters.append(log)
    if first is None:
        write_text(run.config_path, dump_config(config))
    return reporters


def _check_config(config: RunConfig, dataset: Dataset) -> None:
    """Refuse settings that would do nothing without validation strings."""
    if config.logging.reporters:
        raise ConfigError(
            "logging.reporters: report runs, and a classifier's training is none; remove it, or "
            "train with nlptrain.train"
        )
    training = config.training
    wanted = {
        "training.patience": training.patience is not None,
        "training.threshold": not isinstance(training.threshold, float),
        "training.calibration": training.calibration != "none",
    }
    for name, is_wanted in wanted.items():
        if is_wanted and not len(dataset.validation):
            raise ConfigError(
                f"{name}: needs validation strings, and there are none; give validation=0.1 or "
                "more strings, or remove the setting"
            )


@contextmanager
def _restored_threads() -> Iterator[None]:
    """Restore the threads of the caller's process; a training takes as few as are fast."""
    import sys

    from threadpoolctl import threadpool_limits

    torch = sys.modules.get("torch")
    threads = torch.get_num_threads() if torch is not None else None
    with threadpool_limits(user_api="blas"):
        try:
            yield
        finally:
            if torch is not None and threads is not None:
                torch.set_num_threads(threads)
