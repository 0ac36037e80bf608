"""What the leader tells the others to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nlptrain.config.optimizer import Optimizer
from nlptrain.datasets.streamed_file import StreamedStrings
from nlptrain.files.array_file import Arrays
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.settings import kinds
from nlptrain.training.learner import Objective


@dataclass(frozen=True, eq=False)
class Build:
    """Build a learner.

    Attributes:
        number: By which calls name it; it takes the place of the one that had that number.
        architecture: Its network.
        arrays: Its initial values.
        objective: What it minimizes.
        embedding_frozen: Whether the embedding is not trained.
        optimizer: How it is updated.
        precision: To what factors are rounded.
        device_type: cpu or cuda.
        threads: Of each process.
    """

    number: int
    architecture: Architecture
    arrays: Arrays
    objective: Objective
    embedding_frozen: bool
    optimizer: Optimizer
    precision: kinds.Precision
    device_type: str
    threads: int


@dataclass(frozen=True, eq=False)
class Call:
    """Call a method of a learner, as the leader does at the same time."""

    number: int
    method: str
    arguments: Sequence[Any]
    options: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Read:
    """Read ahead, of shards in this order, those whose turn is this process's."""

    stream: StreamedStrings
    order: Sequence[int]


@dataclass(frozen=True)
class Give:
    """Send the leader what this process has read next, if it has this rank."""

    rank: int


@dataclass(frozen=True)
class End:
    """End, with this exit status."""

    status: int
