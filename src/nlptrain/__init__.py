"""Train small neural networks on character strings.

    import nlptrain

    outcome = nlptrain.train("rnn", overrides=["training.epochs=3"])
    nlptrain.load(outcome.folder.path).predict(["abcd", "bcde"])

Nothing heavy is imported until a name of `__all__` is used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nlptrain.api import compare_optimizers, evaluate, load, resume, train
    from nlptrain.errors import (
        ConfigError,
        DataError,
        NlptrainError,
        RunFolderError,
        TrainingError,
    )

__version__ = "0.2.0"

__all__ = [
    "ConfigError",
    "DataError",
    "NlptrainError",
    "RunFolderError",
    "TrainingError",
    "compare_optimizers",
    "evaluate",
    "load",
    "resume",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = import_module("nlptrain.errors" if name.endswith("Error") else "nlptrain.api")
    return getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
