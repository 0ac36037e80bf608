"""The contestants of benchmarks/quality.py: packaged configs, the linear model, and fastText.

All read the same splits. What validation has chosen is trained again on training and validation
strings together, so that every contestant has learnt from the same strings.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

import nlptrain
from nlptrain.config.load import load_config
from nlptrain.config.packaged import packaged_configs
from nlptrain.datasets.build import build_dataset
from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.evaluation.confusion import count_confusion
from nlptrain.evaluation.linear_baseline import predict_by_linear_model

CONFIGS = ("own_file_fast", "own_file", "own_file_best")

SPLIT = "data.split={train: 0.7, validation: 0.1, test: 0.2}"

FASTTEXT = {"dim": 64, "minn": 1, "maxn": 5, "wordNgrams": 2, "minCount": 1, "bucket": 200_000}
FASTTEXT_TRIED = tuple((rate, epochs) for rate in (0.1, 0.5) for epochs in (25, 100))
"""Learning rates and epochs that validation chooses from."""

Classes = NDArray[np.int64]


@dataclass(frozen=True)
class Found:
    """The test scores of one training.

    Attributes:
        accuracy: Share of the test strings that are right.
        macro_f1: Mean over the classes.
        validation: Accuracy on validation of what was chosen, before it was trained again.
        chosen: What validation chose.
    """

    accuracy: float
    macro_f1: float
    validation: float | None
    chosen: str


def settings_of(contestant: str) -> str:
    """Write what a contestant's rows depend on: a config without comments, a rival's settings."""
    if contestant == "fasttext":
        return f"{FASTTEXT} {FASTTEXT_TRIED}"
    if contestant == "linear":
        return "linear"
    config = yaml.safe_load(packaged_configs()[contestant].read_text("utf-8"))
    # A training takes no notice of what a search would try.
    config.pop("search", None)
    return str(config)


def read_dataset(file: str, seed: int) -> Dataset:
    """Read and split a file as a training of a packaged config does.

    Args:
        file: The section `data.file`, as YAML.
        seed: Decides the split.
    """
    settings = [f"data.file={file}", SPLIT, f"seed={seed}"]
    config = load_config("own_file", settings).config
    return build_dataset(config.data, config.text, seed=seed)


def score_config(name: str, file: str, seed: int) -> Found:
    """Train a packaged config in a folder that does not stay."""
    settings = [f"data.file={file}", SPLIT, f"seed={seed}", "logging.tensorboard=false"]
    with tempfile.TemporaryDirectory() as folder:
        done = nlptrain.train(name, overrides=settings, runs_dir=folder, baseline=False)
    if done.scores is None:
        raise KeyboardInterrupt
    validation = done.refit.validation_score if done.refit else None
    return Found(done.scores.accuracy, done.scores.macro_f1, validation, f"step {done.best_step}")


def score_linear(dataset: Dataset, seed: int) -> Found:
    """Train the linear model that `nlptrain train` prints beside a network."""
    splits = dataset.train, dataset.validation, dataset.test
    found = predict_by_linear_model(*splits, len(dataset.labels), seed=seed, refit=True)
    chosen = f"min_count {found.setting.min_count}, C {found.setting.cost:g}"
    return _score(found.predictions, dataset, found.validation_accuracy, chosen)


def score_fasttext(dataset: Dataset, seed: int) -> Found:
    """Train fastText at each setting, and again at the one with the best validation accuracy.

    Raises:
        ImportError: The package fasttext-wheel is not installed.
    """
    best, chosen = -1.0, FASTTEXT_TRIED[0]
    for tried in FASTTEXT_TRIED:
        predicted = _predict_by_fasttext(dataset.train, dataset.validation.texts, tried, seed)
        accuracy = float((predicted == dataset.validation.classes).mean())
        if accuracy > best:
            best, chosen = accuracy, tried
    train = dataset.join_validation().train
    predicted = _predict_by_fasttext(train, dataset.test.texts, chosen, seed)
    return _score(predicted, dataset, best, "lr {}, {} epochs".format(*chosen))


def _predict_by_fasttext(
    train: Examples, texts: Sequence[str], tried: tuple[float, int], seed: int
) -> Classes:
    import fasttext

    rate, epochs = tried
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        rows = zip(train.classes.tolist(), _lines(train.texts), strict=True)
        path.write_text("".join(f"__label__{label} {line}" for label, line in rows), "utf-8")
        settings: dict[str, Any] = {**FASTTEXT, "lr": rate, "epoch": epochs, "seed": seed}
        model = fasttext.train_supervised(str(path), **settings, thread=1, verbose=0)
    frequent = int(np.bincount(train.classes).argmax())
    # `model.predict` itself fails with NumPy 2.
    found = [model.f.predict(line, 1, 0.0, "strict") for line in _lines(texts)]
    return np.array(
        [int(each[0][1].removeprefix("__label__")) if each else frequent for each in found]
    )


def _lines(texts: Sequence[str]) -> Iterator[str]:
    """Write each string as a line, as fastText reads words: between spaces."""
    return (" ".join(text.split()) + "\n" for text in texts)


def _score(predicted: Classes, dataset: Dataset, validation: float | None, chosen: str) -> Found:
    truth = dataset.test.classes
    confusion = count_confusion(truth, predicted, len(dataset.labels))
    seen = np.maximum(confusion.predictions + confusion.support, 1)
    macro_f1 = float((2 * confusion.right / seen).mean())
    return Found(float((predicted == truth).mean()), macro_f1, validation, chosen)


RIVAL_SCORES = {"linear": score_linear, "fasttext": score_fasttext}
