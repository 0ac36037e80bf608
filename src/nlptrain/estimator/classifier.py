"""A network on character strings as a classifier of scikit-learn."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_consistent_length, check_is_fitted

from nlptrain.config.load import load_config
from nlptrain.config.run import RunConfig
from nlptrain.estimator.given_data import GivenData
from nlptrain.estimator.in_memory import train_in_memory
from nlptrain.estimator.settings import check_settings, is_setting, to_paths
from nlptrain.evaluation.decision import apply_temperature, choose_classes, compute_probabilities
from nlptrain.files.model_file import ModelFile
from nlptrain.inference.model import Model
from nlptrain.text.given import list_texts, list_values

Floats = NDArray[np.floating]
_IN_MEMORY = Path("StringClassifier")
"""Stands in messages for the file of a model that has none."""


class StringClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # sklearn is untyped
    """Classify strings with a small neural network, as any estimator of scikit-learn.

        from nlptrain import StringClassifier

        classifier = StringClassifier(model__encoder__hidden_size=96, random_state=0)
        classifier.fit(["Anna", "Otto", …], ["it", "de", …]).predict(["Emma"])

    The network is that of a config. Nothing is written, unless `runs_dir` is given.

    Args:
        config: A packaged config's name, a YAML file, or a config as a dict. Its data is not read.
        validation: The share of the strings that chooses the best epoch, drawn so that equal
            strings stay together; or a pair (X, y) of others; or None: the network after the last
            step is taken. With the config's `training.refit`, which `own_file` has, the model then
            learns from the validation strings, too.
        random_state: The config's seed; None: as the config says, so that two fits are equal.
        runs_dir: Where each fit makes a folder with metrics, TensorBoard events, the config and
            the model file; None: nowhere.
        settings: Settings of the config by their keys with `__` between them, such as
            `training__epochs=5` or `model__encoder__type="cnn"`.

    Attributes:
        classes_: The labels: (C,), of the type of y.
        n_iter_: Epochs of the (first) training.
        model_: The network, as `nlptrain.load` returns it. `model_.save("names.safetensors")`
            writes a file that predicts without scikit-learn; its labels are text.
        run_dir_: The folder that `fit` made; None without `runs_dir`.
    """

    def __init__(
        self,
        config: str | os.PathLike[str] | Mapping[str, Any] = "own_file",
        *,
        validation: float | tuple[Any, Any] | None = 0.1,
        random_state: Any = None,
        runs_dir: str | os.PathLike[str] | None = None,
        **settings: Any,
    ) -> None:
        check_settings(settings)
        self.config = config
        self.validation = validation
        self.random_state = random_state
        self.runs_dir = runs_dir
        for name, value in settings.items():
            setattr(self, name, value)

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return all arguments by name, with the settings that were given."""
        params: dict[str, Any] = super().get_params(deep)
        return params | self._settings()

    def set_params(self, **params: Any) -> Self:
        """Change arguments; a setting may be one that was not given before."""
        super().set_params(**{name: each for name, each in params.items() if not is_setting(name)})
        for name, value in params.items():
            if is_setting(name):
                setattr(self, name, value)
        return self

    def fit(self, X: Iterable[str], y: Iterable[Any], sample_weight: Any = None) -> Self:  # noqa: N803
        """Train a new network.

        Args:
            X: The strings: a list, an array (N,), a column of pandas or polars, a pyarrow array.
            y: Their labels (N,): strings, whole numbers or booleans.
            sample_weight: How much each string counts in the loss (N,), from 0; None: all alike.

        Raises:
            TypeError: X is not one column of strings.
            ValueError: The numbers of strings and labels differ, or there are not two classes.
            ConfigError, DataError: The settings are not valid, or do not fit the strings.
            TrainingError: Training diverged.
        """
        texts, labels = _read_texts(X), _read_labels(y)
        check_consistent_length(texts, labels, sample_weight)
        self.classes_, classes = np.unique(labels, return_inverse=True)
        weights = None
        if sample_weight is not None:
            weights = _check_sample_weight(
                sample_weight, texts, dtype=np.float64, ensure_non_negative=True
            )
        _check_classes(self.classes_, classes, weights)
        config = self._load_config()
        data = GivenData(texts, classes, weights, tuple(map(str, self.classes_.tolist())))
        dataset = data.build_dataset(config, self._read_validation())
        runs_dir = None if self.runs_dir is None else Path(self.runs_dir)
        trained = train_in_memory(config, dataset, runs_dir)
        self.model_ = Model(_IN_MEMORY, trained.model)
        self.n_iter_ = trained.epochs
        self.run_dir_ = trained.folder
        return self

    def predict(self, X: Iterable[str]) -> NDArray[Any]:  # noqa: N803
        """Predict the label of each string: (N,)."""
        logits = self._logits(X)
        labels: NDArray[Any] = self.classes_[choose_classes(logits, self.model_.file.threshold)]
        return labels

    def predict_proba(self, X: Iterable[str]) -> Floats:  # noqa: N803
        """Predict the probability of each class, in the order of `classes_`: (N, C)."""
        return compute_probabilities(self._logits(X))

    def decision_function(self, X: Iterable[str]) -> Floats:  # noqa: N803
        """Compute by what the class is decided.

        Returns:
            Of two classes, log-odds of the second (N,), from 0 where it is predicted; of more, a
            logit for each (N, C), of which the largest is predicted.
        """
        logits = self._logits(X)
        if logits.shape[1] > 2:
            return logits
        if logits.shape[1] == 2:
            return logits[:, 1] - logits[:, 0]
        threshold = self.model_.file.threshold
        decision: Floats = logits[:, 0] - np.log(threshold / (1 - threshold))
        return decision

    def __sklearn_tags__(self) -> Any:
        """Declare that X is one column of strings."""
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        return tags

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the network as the bytes of its model file."""
        state: dict[str, Any] = dict(super().__getstate__())
        if "model_" in state:
            state["model_"] = self.model_.file.to_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        content = state.get("model_")
        super().__setstate__(state)
        if content is not None:
            self.model_ = Model(_IN_MEMORY, ModelFile.from_bytes(content))

    def _settings(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if is_setting(name)}

    def _load_config(self) -> RunConfig:
        settings = to_paths(self._settings())
        if self.random_state is not None:
            seed = self.random_state
            if not isinstance(seed, int | np.integer):
                seed = check_random_state(seed).randint(2**31 - 1)
            settings[("seed",)] = int(seed)
        source = self.config if isinstance(self.config, Mapping) else os.fspath(self.config)
        return load_config(source, settings=settings).config

    def _read_validation(self) -> float | GivenData | None:
        validation: Any = self.validation
        if validation is None:
            return None
        if isinstance(validation, float | int):
            if not 0 < validation < 1:
                raise ValueError(f"validation={validation} is not a share between 0 and 1, or None")
            return float(validation)
        if not isinstance(validation, tuple | list) or len(validation) != 2:
            raise TypeError(
                f"validation={validation!r:.40} is not a share between 0 and 1, a pair (X, y) or "
                "None"
            )
        texts, labels = list_texts(validation[0], "validation[0]"), _read_labels(validation[1])
        check_consistent_length(texts, labels)
        if unknown := sorted(set(labels.tolist()) - set(self.classes_.tolist()), key=str):
            raise ValueError(
                f"validation has labels that y lacks: {', '.join(map(repr, unknown[:10]))}"
            )
        classes = np.searchsorted(self.classes_, labels)
        return GivenData(texts, classes, None, tuple(map(str, self.classes_.tolist())))

    def _logits(self, X: Iterable[str]) -> Floats:  # noqa: N803
        """Compute logits, divided by the temperature: (N, 1 or C)."""
        check_is_fitted(self)
        file = self.model_.file
        logits = self.model_.logits(file.text.encode(_read_texts(X)))
        # In double precision, so that probabilities add up to 1 as closely as others expect.
        return apply_temperature(logits.astype(np.float64), file.temperature)


def _read_texts(X: Iterable[str]) -> list[str]:  # noqa: N803
    texts = list_texts(X, "X")
    if not texts:
        raise ValueError("X has 0 sample(s): no strings, but at least 1 is needed")
    return texts


def _read_labels(y: Iterable[Any]) -> NDArray[Any]:
    """Read labels as an array (N,) of the type that they have."""
    if y is None:
        raise ValueError("StringClassifier requires y to be passed, but the target y is None")
    labels = y if isinstance(y, np.ndarray) else np.asarray(y)
    labels = column_or_1d(labels, warn=True)
    if labels.dtype == object and not all(isinstance(each, str) for each in labels):
        labels = np.asarray(list_values(labels, "y"))
    check_classification_targets(labels)
    return labels


def _check_classes(names: NDArray[Any], classes: NDArray[np.int64], weights: Floats | None) -> None:
    present = names[np.unique(classes if weights is None else classes[weights > 0])]
    if len(present) < 2:
        found = f"one class: {present.tolist()[0]!r}" if len(present) else "no class"
        left = "" if weights is None else " of positive weight"
        raise ValueError(f"y has only {found}{left}; two are needed")
