"""The self-contained model file: the network's arrays, and how strings become token ids."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlptrain.errors import RunFolderError
from nlptrain.files.array_file import Arrays, check_arrays, load_arrays, pack_arrays
from nlptrain.files.json_types import check_types
from nlptrain.files.storage import check_format, write_atomic
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.members import stack_shapes
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.settings import kinds
from nlptrain.text.encoding import EncodedTexts
from nlptrain.text.normalization import normalize
from nlptrain.text.vocabulary import Vocabulary

FORMAT_VERSION = 1
TEXT_SETTINGS = ("max_length", "unicode", "lowercase", "strip")
_LATER = {"refitted": False, "members": 1, "half_precision": False, "head_weights": ()}
"""Entries that only files of models with them have; others are as they were before."""

MAX_TEMPERATURE = 1e6
"""Above this temperature, and below its inverse, probabilities are meaningless."""


@dataclass(frozen=True)
class TextPipeline:
    """How a string becomes token ids, in training and prediction.

    Attributes:
        vocabulary: Characters ↔ ids.
        max_length: Longer strings are truncated to this; None: no limit.
        unicode: Normalization form, or none.
        lowercase: Whether to convert letters to lower case.
        strip: Whether to remove white space at both ends.
    """

    vocabulary: Vocabulary
    max_length: int | None = None
    unicode: str = "NFC"
    lowercase: bool = False
    strip: bool = False

    @property
    def inside(self) -> slice:
        """The places of a string's characters among its token ids, between the marks."""
        return slice(1, -1) if self.vocabulary.boundaries else slice(None)

    def encode(self, texts: Sequence[str]) -> EncodedTexts:
        """Encode raw strings."""
        return self.encode_normalized(self.normalize(texts))

    def normalize(self, texts: Sequence[str]) -> list[str]:
        """Convert strings to the normal form, and strip them."""
        normalized = normalize(texts, self.unicode, self.lowercase)
        # Strip last: compatibility forms turn some characters into spaces.
        return [text.strip() for text in normalized] if self.strip else normalized

    def encode_normalized(self, texts: Sequence[str]) -> EncodedTexts:
        """Encode strings that are already stripped and normalized."""
        return self.vocabulary.encode(texts, self.max_length)


@dataclass(frozen=True, eq=False)
class ModelFile:
    """The content of model.safetensors.

    Attributes:
        architecture: The network's layers and sizes.
        arrays: Its parameters and running statistics, of several members with a leading axis M.
        text: Strings → ids.
        labels: Names of the classes, by class index.
        loss: The loss it was trained with: mse, bce or cross_entropy.
        columns: A table's columns of strings and labels: names, or numbers from 0.
        threshold: Probability from which on class 1 is predicted, with a sigmoid.
        temperature: Divisor of the logits before they become probabilities.
        refitted: Whether it was trained on the validation strings, too.
        members: How many networks predict together, M.
        half_precision: Whether the file has the vectors of n-grams as 16-bit floats.
        head_weights: What the last layer of each head has been multiplied by; empty: nothing.
    """

    architecture: Architecture
    arrays: Arrays
    text: TextPipeline
    labels: tuple[str, ...]
    loss: kinds.Loss
    columns: tuple[int | str, int | str] = ("text", "label")
    threshold: float = 0.5
    temperature: float = 1.0
    refitted: bool = False
    members: int = 1
    half_precision: bool = False
    head_weights: tuple[float, ...] = ()

    def save(self, path: Path) -> None:
        """Write the file, atomically."""
        write_atomic(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """Return the bytes of the file."""
        text = self.text
        metadata = {
            "format": "model",
            "format_version": FORMAT_VERSION,
            "architecture": self.architecture.to_json(),
            "characters": "".join(text.vocabulary.characters),
            # Files without marks are as they were before there were any.
            **({"boundaries": True} if text.vocabulary.boundaries else {}),
            **{name: getattr(text, name) for name in TEXT_SETTINGS},
            "labels": list(self.labels),
            "loss": self.loss,
            "columns": list(self.columns),
            "threshold": self.threshold,
            "temperature": self.temperature,
            **{k: getattr(self, k) for k, usual in _LATER.items() if getattr(self, k) != usual},
        }
        return pack_arrays(self.saved_arrays, metadata)

    @property
    def saved_arrays(self) -> Arrays:
        """The arrays as the file has them: with `half_precision`, the vectors in 16 bits."""
        if not self.half_precision:
            return self.arrays
        tables = {name: _to_half(self.arrays[name]) for name in self.architecture.tables}
        return {**self.arrays, **tables}

    @classmethod
    def from_bytes(cls, content: bytes) -> "ModelFile":
        """Read what `to_bytes` returned.

        Raises:
            RunFolderError: It is damaged, foreign, or of a newer format.
        """
        with TemporaryDirectory() as folder:
            path = Path(folder) / "model.safetensors"
            path.write_bytes(content)
            return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> "ModelFile":
        """Read the file and check its consistency.

        Raises:
            RunFolderError: It is missing, damaged, foreign, or of a newer format.
        """
        arrays, metadata = load_arrays(path)
        if metadata.get("format") != "model":
            raise RunFolderError(
                f"{path}: not a model file (a checkpoint cannot predict); "
                "name a run, or its model.safetensors"
            )
        check_format(path, "model", metadata.get("format_version"), FORMAT_VERSION)
        try:
            model = cls._from_metadata(arrays, metadata)
            model._check_description()
            model = model._widen()
            model._check_arrays()
        except LookupError as error:
            raise RunFolderError(
                f"{path}: damaged: missing or unknown entry: {error!s:.200}; "
                "restore it, or train again"
            ) from error
        except (TypeError, ValueError, AttributeError) as error:
            raise RunFolderError(
                f"{path}: damaged: {error!s:.200}; restore it, or train again"
            ) from error
        return model

    @classmethod
    def _from_metadata(cls, arrays: Arrays, metadata: dict[str, Any]) -> "ModelFile":
        weights = {"head_weights": tuple(metadata.get("head_weights", ()))}
        return cls(
            architecture=Architecture.from_json(metadata["architecture"]),
            arrays=arrays,
            text=TextPipeline(
                Vocabulary(metadata["characters"], metadata.get("boundaries", False)),
                **{name: metadata[name] for name in TEXT_SETTINGS},
            ),
            labels=tuple(metadata["labels"]),
            loss=metadata["loss"],
            columns=(metadata["columns"][0], metadata["columns"][1]),
            threshold=metadata["threshold"],
            temperature=metadata.get("temperature", 1.0),  # Not in older files.
            **{name: metadata.get(name, usual) for name, usual in _LATER.items()} | weights,
        )

    def _widen(self) -> "ModelFile":
        """Compute with 16-bit tables in the precision of the other arrays."""
        if not self.half_precision:
            return self
        dtype = self.arrays[self.architecture.last_weight].dtype
        tables = {name: self.arrays[name].astype(dtype) for name in self.architecture.tables}
        return replace(self, arrays={**self.arrays, **tables})

    def _check_description(self) -> None:
        """Refuse entries that this version would silently misinterpret."""
        check_types(self)
        text, architecture, labels = self.text, self.architecture, self.labels
        characters = text.vocabulary.characters
        known = {
            "output": architecture.output != "sigmoid" or architecture.num_classes == 2,
            "heads": architecture.heads == "joint" or architecture.num_branches > 1,
            "dropout": 0 <= architecture.dropout < 1,
            "vocabulary": len(set(characters)) == len(characters),
            "n-grams": all(
                each.is_sound(len(text.vocabulary))
                for each in (*architecture.encoders, architecture.ngrams)
                if isinstance(each, NGrams)
            ),
            "unicode": text.unicode in ("none", "NFC", "NFD", "NFKC", "NFKD"),
            "max_length": text.max_length is None or text.max_length > 0,
            "labels": len(set(labels)) == len(labels),
            "columns": all(column >= 0 for column in self.columns if isinstance(column, int)),
            "threshold": 0 <= self.threshold <= 1,
            "temperature": 1 / MAX_TEMPERATURE <= self.temperature <= MAX_TEMPERATURE,
            "members": self.members > 0,
            "head_weights": len(self.head_weights) in (0, len(architecture.head_ends)),
        }
        for name, is_known in known.items():
            if not is_known:
                raise ValueError(f"unknown {name}")

    def _check_arrays(self) -> None:
        """Refuse arrays and labels that do not match the architecture."""
        architecture = self.architecture
        layers = max(getattr(each, "num_layers", 1) for each in architecture.encoders)
        if layers > len(self.arrays):
            # Checked first: listing the shapes of so many layers could exhaust the memory.
            raise ValueError(f"num_layers is {layers:,}, but there are {len(self.arrays):,} arrays")
        constants = architecture.constant_shapes()
        shapes = architecture.parameter_shapes() | architecture.buffer_shapes() | constants
        check_arrays(self.arrays, stack_shapes(shapes, self.members), whole=constants)
        if len(self.text.vocabulary) != architecture.vocabulary_size:
            raise ValueError("vocabulary and embedding differ in size")
        if len(self.labels) != architecture.num_classes:
            raise ValueError(f"{len(self.labels)} labels for {architecture.num_classes} classes")


def _to_half(table: NDArray[Any]) -> NDArray[np.float16]:
    """Round to 16 bits; what is too large becomes the largest number that they hold."""
    largest = np.finfo(np.float16).max
    return table.clip(-largest, largest).astype(np.float16)
