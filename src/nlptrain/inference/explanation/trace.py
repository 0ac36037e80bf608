"""What a network computes between one string and its logits, layer by layer."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from nlptrain.numpy_nn.activation import Activation
from nlptrain.numpy_nn.arrays import Arrays, Floats, Ids, Lengths, below
from nlptrain.numpy_nn.classifier import Classifier, pick_real
from nlptrain.numpy_nn.readout import Readout
from nlptrain.numpy_nn.step import Step


class TracedLayer(NamedTuple):
    """A layer and its output for one string.

    Attributes:
        step: The layer in its place.
        values: (P, F) at positions or a convolution's windows; (F,) from the readout on.
    """

    step: Step
    values: Floats


class ReadOut(NamedTuple):
    """A readout of one kind, and what it did with one string.

    Attributes:
        name: Of the layer that it is, or belongs to.
        readout: The readout.
        rows: What it read (P, F).
        vector: What it made of them (F,).
        shares: The share of each row (P,), where that is learnt; else None.
    """

    name: str
    readout: Readout
    rows: Floats
    vector: Floats
    shares: Floats | None


class Head(NamedTuple):
    """A head, and what it computed for one string.

    Attributes:
        branch: The number of the branch that it reads, from 0; None if it reads all.
        vector: What its last layer read (F,).
        hidden: Each of its hidden layers, before and after its activation (H,).
        weight: Of its last layer (1 or C, F).
        bias: Of its last layer (1 or C,).
        logits: (1,) or (C,).
    """

    branch: int | None
    vector: Floats
    hidden: list[tuple[Floats, Floats]]
    weight: Floats
    bias: Floats
    logits: Floats


@dataclass(frozen=True, eq=False)
class Trace:
    """The output of each layer for one string, in order.

    Attributes:
        layers: Each layer with its output.
        arrays: The network's, by name.
        head_ends: Names of the last layers of the heads: that over all branches, then one a branch.
    """

    layers: tuple[TracedLayer, ...]
    arrays: Arrays
    head_ends: tuple[str, ...]

    def find(self, name: str) -> Floats | None:
        """Find a layer's values; None if the network has no such layer."""
        return next((each.values for each in self.layers if each.step.name == name), None)

    @cached_property
    def readouts(self) -> tuple[ReadOut, ...]:
        """What each readout read and made of it, those of several at once one by one."""
        return tuple(
            ReadOut(traced.step.name, readout, rows, vector, readout.shares(rows, arrays))
            for traced in self.layers
            if isinstance(traced.step.layer, Readout)
            for rows in [self.find(traced.step.reads[0])]
            if rows is not None
            for readout, vector, arrays in self._parts(traced, traced.step.layer)
        )

    def read_out(self, start: str) -> tuple[ReadOut, ...]:
        """What the readout of a branch read and made of it; of the only one without a start."""
        return tuple(each for each in self.readouts if each.name == f"{start}readout")

    def _parts(
        self, traced: TracedLayer, readout: Readout
    ) -> Iterator[tuple[Readout, Floats, Arrays]]:
        vectors = np.split(traced.values, len(readout.parts))
        for (start, part), vector in zip(readout.parts.items(), vectors, strict=True):
            yield part, vector, below(self.arrays, f"{traced.step.name}.{start}")

    @cached_property
    def heads(self) -> tuple[Head, ...]:
        """Each head: that over all branches, then those of the branches, if they have their own."""
        values = {each.step.name: each.values for each in self.layers}
        reads = {each.step.name: each.step.reads for each in self.layers}
        return tuple(
            Head(
                None if number == 0 else number - 1,
                vector=values[reads[name][0]],
                hidden=[
                    (values[reads[each.step.name][0]], each.values)
                    for each in self.layers
                    if each.step.name.startswith(f"{name.rpartition('.')[0]}.")
                    and isinstance(each.step.layer, Activation)
                ],
                weight=self.arrays[f"{name}.weight"],
                bias=self.arrays[f"{name}.bias"],
                logits=values[name],
            )
            for number, name in enumerate(self.head_ends)
        )

    @property
    def logits(self) -> Floats:
        """The last layer's output: (1,) or (C,)."""
        return self.layers[-1].values


def trace(network: Classifier, ids: Ids, lengths: Lengths) -> Trace:
    """Run one string through the network, as in evaluation.

    Args:
        network: The network.
        ids: The string's token ids, or one pad for an empty string (1, T).
        lengths: Its characters (1,).
    """
    # A recurrence may overflow on long strings, which the page then shows.
    with np.errstate(over="ignore", invalid="ignore"):
        passes = network.run(ids, lengths)
        layers = tuple(_trace_layer(step, x, windows) for step, x, windows, _ in passes)
        return Trace(layers, network.arrays, network.architecture.head_ends)


def _trace_layer(step: Step, output: Any, lengths: Lengths) -> TracedLayer:
    values = pick_real(step, output, lengths)
    return TracedLayer(step, values if step.per_position else values[0])
