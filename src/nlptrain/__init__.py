"""Train small neural networks on character strings.

    import nlptrain

    outcome = nlptrain.train("rnn", overrides=["training.epochs=3"])
    nlptrain.load(outcome.folder.path).predict(["abcd", "bcde"])

    nlptrain.train({"model": {"encoder": {"type": "cnn"}}}, texts=names, labels=languages)

    classifier = nlptrain.StringClassifier(training__epochs=5)  # needs scikit-learn
    classifier.fit(names, languages).predict(["Emma"])

`train`, `resume`, `evaluate`, `explain` and `compare_optimizers` do what the commands of these
names do; `load` gives a trained network to predict with. Each has its own help:
`help(nlptrain.train)`. All errors that a config, data or a file causes are `NlptrainError`s.

Nothing heavy is imported until one of these names is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nlptrain.api import compare_optimizers, evaluate, explain, load, resume, train
    from nlptrain.errors import ConfigError, DataError, NlptrainError, RunFolderError, TrainingError
    from nlptrain.estimator.classifier import StringClassifier as StringClassifier

__version__ = "0.2.0"

__all__ = [
    "ConfigError",
    "DataError",
    "NlptrainError",
    "RunFolderError",
    "TrainingError",
    "compare_optimizers",
    "evaluate",
    "explain",
    "load",
    "resume",
    "train",
]


_WITH_SKLEARN = ("StringClassifier",)
"""No part of `__all__`, so that `from nlptrain import *` works without scikit-learn."""


def __getattr__(name: str) -> Any:
    if name in _WITH_SKLEARN:
        from nlptrain.packages import require

        require("sklearn", purpose=name, extra="sklearn")
        return getattr(import_module("nlptrain.estimator.classifier"), name)
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module("nlptrain.errors" if name.endswith("Error") else "nlptrain.api")
    return getattr(module, name)


def __dir__() -> list[str]:
    from nlptrain.packages import is_installed

    there = _WITH_SKLEARN if is_installed("sklearn") else ()
    return sorted({*globals(), *__all__, *there})
