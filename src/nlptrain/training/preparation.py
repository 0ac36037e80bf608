"""From a config to everything that training starts from, before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from nlptrain.config.model import ModelSection
from nlptrain.config.run import RunConfig
from nlptrain.config.training import TrainingSection
from nlptrain.datasets.build import build_dataset
from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.errors import ConfigError, DataError
from nlptrain.evaluation.threshold import DEFAULT
from nlptrain.files.model_file import TextPipeline
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.encoders import build_encoder
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.numpy_nn.loss import output_of
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.settings import kinds
from nlptrain.text.vectors import read_vectors
from nlptrain.text.vocabulary import Vocabulary
from nlptrain.training.allocator import keep_freed_memory
from nlptrain.training.encoded_split import EncodedSplit, encode_examples
from nlptrain.training.engine import EngineChoice, choose_engine
from nlptrain.training.learner import Objective
from nlptrain.training.ngrams import choose_all_ngrams, describe_ngrams
from nlptrain.training.streamed_split import StreamedSplit
from nlptrain.training.text_pipeline import build_text_pipeline, describe_text

BINARY = 2


@dataclass(frozen=True, eq=False)
class Preparation:
    """What training starts from.

    Attributes:
        dataset: The strings.
        text: How they become token ids.
        splits: The strings as token ids: train, validation, test.
        architecture: The network's kinds and sizes.
        engine: What computes it.
        loss: mse, bce or cross_entropy.
        notes: Sentences for the user about data and text.
        other_lengths: More test strings, of lengths not seen in training, if the config asks.
        constants: Whole numbers of the network that never change, by name: the known n-grams.
    """

    dataset: Dataset
    text: TextPipeline
    splits: dict[str, EncodedSplit]
    architecture: Architecture
    engine: EngineChoice
    loss: kinds.Loss
    notes: tuple[str, ...]
    other_lengths: EncodedSplit | None = None
    constants: Mapping[str, NDArray[Any]] = field(default_factory=dict)

    def train_examples(self, epoch: int) -> Examples:
        """Return the training strings of an epoch, always the same or freshly drawn."""
        fresh = self.dataset.fresh
        return self.dataset.train if fresh is None or epoch == 0 else fresh(epoch)

    def train_split(self, epoch: int) -> EncodedSplit:
        """Return the training strings of an epoch as token ids."""
        fresh = self.dataset.fresh
        return self.splits["train"] if fresh is None or epoch == 0 else self._encode(fresh(epoch))

    def join_validation(self) -> "Preparation":
        """Return what `training.refit` trains on: validation strings among those of training.

        Vocabulary and architecture stay those of the training strings alone.
        """
        dataset = self.dataset.join_validation()
        splits = {**self.splits, "train": self._encode(dataset.train)}
        return replace(self, dataset=dataset, splits=splits)

    def _encode(self, examples: Examples) -> EncodedSplit:
        return encode_examples(self.text, examples)


def prepare(config: RunConfig, dataset: Dataset | None = None) -> Preparation:
    """Build the data and the architecture, in the process that will train.

    Raises:
        ConfigError: The settings do not fit the data.
        DataError: The data cannot be read or drawn.
    """
    keep_freed_memory()
    dataset = dataset or build_dataset(config.data, config.text, seed=config.seed)
    loss = _choose_loss(config.model.loss, len(dataset.labels))
    _check_threshold(config.training, loss)
    text = build_text_pipeline(config, dataset)
    splits = {name: encode_examples(text, split) for name, split in dataset.splits.items()}
    if dataset.stream is not None:
        sample = splits["train"]
        splits["train"] = StreamedSplit(sample.texts, sample.classes, dataset.stream, text)
    ngrams, constants = choose_all_ngrams(config, splits["train"].texts, text.vocabulary)
    architecture = build_architecture(
        config.model,
        vocabulary_size=len(text.vocabulary),
        num_classes=len(dataset.labels),
        output=output_of(loss),
        ngrams=ngrams,
    )
    told = describe_text(splits, config.text.max_length) + describe_ngrams(ngrams)
    notes = (*dataset.notes, *told)
    other_lengths = None
    if (other := dataset.other_lengths) is not None:
        other_lengths = EncodedSplit(text.encode_normalized(other.texts), other.classes)
    lengths = splits["train"].texts.lengths
    engine = choose_engine(config, architecture, float(lengths.mean()))
    return Preparation(
        dataset, text, splits, architecture, engine, loss, notes, other_lengths, constants
    )


def build_architecture(
    model: ModelSection,
    *,
    vocabulary_size: int,
    num_classes: int,
    output: kinds.Output,
    ngrams: Mapping[str, NGrams] | None = None,
) -> Architecture:
    """Build the architecture of a config, with the sizes and n-grams that depend on the data."""
    own = ngrams or {}
    first, *beside = (
        own.get(place) or build_encoder(each.type, each.layer_settings())
        for place, each in model.encoders_by_path.items()
    )
    return Architecture(
        vocabulary_size=vocabulary_size,
        num_classes=num_classes,
        embedding_dim=model.embedding.dim,
        encoder=first,
        beside=tuple(beside),
        normalization=model.normalization,
        activation=model.activation,
        readout=model.readout,
        dropout=model.dropout,
        head_hidden_sizes=model.head.hidden_sizes,
        head_activation=model.head.activation,
        output=output,
        ngrams=own.get("model.ngrams"),
        heads=model.heads if beside or "model.ngrams" in own else "joint",
    )


def build_initial_arrays(config: RunConfig, preparation: Preparation) -> dict[str, Floats]:
    """Draw the initial values from the seed, and insert pre-trained vectors.

    Raises:
        DataError: The file of vectors cannot be read, does not fit the embedding, or has none of
            the characters.
    """
    arrays = initial_parameters(
        preparation.architecture,
        seed=config.seed,
        recurrent=[each.recurrent_start for each in config.model.all_encoders],
        dtype=config.training.dtype,
    )
    if config.model.embedding.vectors is not None:
        path, dim = Path(config.model.embedding.vectors), config.model.embedding.dim
        vectors = read_vectors(path, dim, config.training.dtype)
        _insert_vectors(path, vectors, preparation.text.vocabulary, arrays["embedding.weight"])
    return {**arrays, **preparation.constants}


def build_objective(config: RunConfig, preparation: Preparation) -> Objective:
    """Build what the learner minimizes."""
    train = preparation.splits["train"]
    table = next(iter(config.model.tables.values()), None)
    return Objective(
        loss=preparation.loss,
        class_weights=_class_weights(config.training, train, preparation.dataset.labels),
        max_grad_norm=config.training.max_grad_norm,
        seed=config.seed,
        unknown_is_trained=train.has_unknown,
        table_rate=None if table is None else table.learning_rate,
        table_optimizer=None if table is None else table.optimizer_section,
        num_marks=preparation.text.vocabulary.num_marks,
        label_smoothing=config.training.label_smoothing,
    )


def _insert_vectors(
    path: Path, vectors: Mapping[str, Floats], vocabulary: Vocabulary, table: Floats
) -> None:
    known = [
        (row, vectors[character])
        for row, character in enumerate(vocabulary.characters, start=1)
        if character in vectors
    ]
    if not known:
        raise DataError(
            f"{path}: has no vector for any of the vocabulary's characters; "
            "use another file, or remove model.embedding.vectors"
        )
    for row, vector in known:
        table[row] = vector


def _choose_loss(loss: Literal["auto", kinds.Loss], num_classes: int) -> kinds.Loss:
    if loss == "auto":
        return "bce" if num_classes == BINARY else "cross_entropy"
    if output_of(loss) == "sigmoid" and num_classes != BINARY:
        raise ConfigError(
            f"model.loss: {loss!r} needs two classes, but the data has {num_classes}; "
            "use cross_entropy or auto"
        )
    return loss


def _check_threshold(training: TrainingSection, loss: kinds.Loss) -> None:
    if training.threshold != DEFAULT and output_of(loss) == "softmax":
        raise ConfigError(
            f"training.threshold: {training.threshold!r} needs a single logit, but cross_entropy "
            "has one per class and predicts the most likely class; with two classes use "
            "model.loss: bce or mse, otherwise remove it"
        )


def _class_weights(
    training: TrainingSection, train: EncodedSplit, labels: tuple[str, ...]
) -> NDArray[np.floating] | None:
    """Weight each class by N / (C · its count), so that all classes count equally: (C,)."""
    if training.class_weights == "none":
        return None
    counts = train.class_sizes(len(labels))
    weights: NDArray[np.floating] = len(train) / (len(labels) * np.maximum(counts, 1.0))
    return weights
