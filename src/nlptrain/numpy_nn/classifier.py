"""The whole network by hand: token ids in, logits out, and the gradients back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nlptrain.numpy_nn.activation import ACTIVATIONS
from nlptrain.numpy_nn.architecture import Architecture, Convolutional, Recurrent
from nlptrain.numpy_nn.arrays import Backward, Floats, Grads, Ids, Lengths
from nlptrain.numpy_nn.convolution import conv1d, output_lengths
from nlptrain.numpy_nn.dropout import dropout_layer
from nlptrain.numpy_nn.embedding import look_up, mean_embedding
from nlptrain.numpy_nn.linear import linear
from nlptrain.numpy_nn.normalization import (
    batch_norm,
    batch_norm_evaluation,
    instance_norm,
    layer_norm,
    update_running,
)
from nlptrain.numpy_nn.readout import READOUTS, last
from nlptrain.numpy_nn.recurrent import recurrent

ToGrads = Callable[[Floats], Grads]


@dataclass(frozen=True)
class Classifier:
    """A network with its arrays, by torch's names.

    Attributes:
        architecture: Kinds and sizes.
        arrays: Parameters and running statistics.
    """

    architecture: Architecture
    arrays: Mapping[str, Floats]

    def logits(self, ids: Ids, lengths: Lengths) -> Floats:
        """Compute the logits of a padded batch, as in evaluation.

        Args:
            ids: Token ids (B, T), 0 at pads.
            lengths: Characters of each string (B,).

        Returns:
            Logits (B, 1) before a sigmoid, or (B, C) before a softmax.
        """
        return self.forward(ids, lengths, training=False)[0]

    def forward(
        self, ids: Ids, lengths: Lengths, *, training: bool, dropout: Floats | None = None
    ) -> tuple[Floats, ToGrads]:
        """Compute the logits of a padded batch, and what leads back from their gradient.

        Args:
            ids: Token ids (…, B, T), 0 at pads; (B, T) where networks side by side share them.
            lengths: Characters of each string, (…, B) or (B,) as the ids.
            training: Whether batch normalization uses the batch's statistics, and learns them.
            dropout: Mask of the read-out features, (…, B, F) or (B, F), scaled; None: nothing is
                dropped.

        Returns:
            Logits (…, B, 1 or C), and the function from their gradient to every parameter's.
        """
        # A recurrence may overflow where it runs on behind a string's end; nothing reads that.
        with np.errstate(over="ignore", invalid="ignore"):
            layers: list[tuple[str, Backward]] = []
            vector, to_encoder = self._embed_string(ids, lengths, layers, training=training)
            vector, backward = dropout_layer(vector, dropout)
            layers.append(("dropout", backward))
            logits = self._add_head(vector, layers)

        def to_grads(grad: Floats) -> Grads:
            grads: Grads = {}
            for name, layer_backward in reversed(layers):
                grad, layer_grads = layer_backward(grad)
                grads |= {f"{name}.{key}": value for key, value in layer_grads.items()}
            return grads | to_encoder(grad)

        return logits, to_grads

    def outputs(
        self, ids: Ids, lengths: Lengths, *, dropout: Floats | None = None
    ) -> dict[str, Floats]:
        """Compute what each layer gives in training, in their order, to look at.

        Args:
            ids: Token ids (B, T), 0 at pads.
            lengths: Characters of each string (B,).
            dropout: As in `forward`.

        Returns:
            By layer: (N, E or F) at all strings' N real positions, (B, …) from the readout on.
        """
        kinds, ids = self.architecture, ids.swapaxes(-1, -2)
        with np.errstate(over="ignore", invalid="ignore"):
            embedded = look_up(ids, self.arrays["embedding.weight"])[0]
            features, windows, _ = self._encode(ids, lengths)
            found = {"embedding": _at_real(embedded, lengths)}
            found["encoder"] = _at_real(features, windows)
            if kinds.normalization != "none":
                features, _ = self._normalize(features, windows, training=True)
                found["normalization"] = _at_real(features, windows)
            if kinds.activation != "none":
                features, _ = ACTIVATIONS[kinds.activation](features)
                found["activation"] = _at_real(features, windows)
            found["readout"], _ = self._read_out(features, windows)
            vector, _ = dropout_layer(found["readout"], dropout)
            return found | ({} if dropout is None else {"dropout": vector}) | self._run_head(vector)

    def _run_head(self, x: Floats) -> dict[str, Floats]:
        arrays, found = self._below("head"), {}
        hidden = len(self.architecture.head_hidden_sizes)
        for layer in range(hidden + 1):
            x, _ = linear(x, arrays[f"{2 * layer}.weight"], arrays[f"{2 * layer}.bias"])
            found[f"head.{2 * layer}"] = x
            if layer < hidden:
                x, _ = ACTIVATIONS[self.architecture.head_activation](x)
                found[f"head.{2 * layer + 1}"] = x
        return found

    def _embed_string(
        self, ids: Ids, lengths: Lengths, layers: list[tuple[str, Backward]], *, training: bool
    ) -> tuple[Floats, ToGrads]:
        """Compute each string's vector (…, B, F)."""
        ids = ids.swapaxes(-1, -2)
        if self._is_mean_of_embeddings:
            vector, to_table = mean_embedding(ids, self.arrays["embedding.weight"], lengths)
            return vector, lambda grad: _name_encoder_grads({"table": to_table(grad)})
        features, lengths, to_encoder = self._encode(ids, lengths)
        if self.architecture.normalization != "none":
            features, backward = self._normalize(features, lengths, training=training)
            layers.append(("normalization", backward))
        features, backward = ACTIVATIONS[self.architecture.activation](features)
        layers.append(("activation", backward))
        vector, backward = self._read_out(features, lengths)
        layers.append(("readout", backward))
        return vector, to_encoder

    @property
    def _is_mean_of_embeddings(self) -> bool:
        network = self.architecture
        kinds = (network.encoder.type, network.normalization, network.activation, network.readout)
        return kinds == ("pooling", "none", "none", "mean")

    def _encode(self, ids: Ids, lengths: Lengths) -> tuple[Floats, Lengths, ToGrads]:
        """Compute the features (…, positions, B, F) and how many positions are real."""
        encoder, table = self.architecture.encoder, self.arrays["embedding.weight"]
        if isinstance(encoder, Recurrent):
            features, backward = recurrent(ids, table, lengths, self._below("encoder"), encoder)
            return features, lengths, lambda grad: _name_encoder_grads(backward(grad))
        embedded, backward_rows = look_up(ids, table)
        if isinstance(encoder, Convolutional):
            features, backwards = self._convolve(embedded, encoder)
            windows = output_lengths(
                lengths, encoder.kernel_sizes[0], encoder.stride, encoder.dilation, encoder.padding
            )
            return features, windows, lambda grad: _join_maps(grad, backwards, backward_rows)
        return embedded, lengths, lambda grad: _name_encoder_grads({"table": backward_rows(grad)})

    def _convolve(self, embedded: Floats, encoder: Convolutional) -> tuple[Floats, list[Backward]]:
        """Compute the feature maps of all kernel sizes, joined."""
        arrays = self._below("encoder")
        maps, backwards = [], []
        for index in range(len(encoder.kernel_sizes)):
            feature_map, backward = conv1d(
                embedded,
                arrays[f"{index}.weight"],
                arrays[f"{index}.bias"],
                encoder.stride,
                encoder.dilation,
                encoder.padding,
            )
            maps.append(feature_map)
            backwards.append(backward)
        return maps[0] if len(maps) == 1 else np.concatenate(maps, axis=-1), backwards

    def _normalize(
        self, features: Floats, lengths: Lengths, *, training: bool
    ) -> tuple[Floats, Backward]:
        arrays = self._below("normalization")
        weight, bias = arrays["weight"], arrays["bias"]
        match self.architecture.normalization:
            case "layer":
                return layer_norm(features, weight, bias)
            case "instance":
                return instance_norm(features, weight, bias, lengths)
        if training:
            y, backward, statistics = batch_norm(features, weight, bias, lengths)
            # A batch of fewer than two positions has no unbiased variance.
            enough = lengths.sum(axis=-1)[..., None] > 1
            for name, statistic in zip(("running_mean", "running_var"), statistics, strict=True):
                update_running(arrays[name], np.where(enough, statistic, arrays[name]))
            return y, backward
        return batch_norm_evaluation(features, **arrays)

    def _read_out(self, features: Floats, lengths: Lengths) -> tuple[Floats, Backward]:
        encoder = self.architecture.encoder
        if self.architecture.readout == "last" and isinstance(encoder, Recurrent):
            both = encoder.bidirectional
            return last(features, lengths, self.architecture.num_features // 2 if both else None)
        return READOUTS[self.architecture.readout](features, lengths)

    def _add_head(self, x: Floats, layers: list[tuple[str, Backward]]) -> Floats:
        arrays = self._below("head")
        hidden = len(self.architecture.head_hidden_sizes)
        for layer in range(hidden + 1):
            name = f"{2 * layer}"
            x, backward = linear(x, arrays[f"{name}.weight"], arrays[f"{name}.bias"])
            layers.append((f"head.{name}", backward))
            if layer < hidden:
                x, backward = ACTIVATIONS[self.architecture.head_activation](x)
                layers.append((f"head.{name}", backward))
        return x

    def _below(self, layer: str) -> dict[str, Floats]:
        return self._by_layer.get(layer, {})

    @cached_property
    def _by_layer(self) -> dict[str, dict[str, Floats]]:
        layers: dict[str, dict[str, Floats]] = {}
        for name, array in self.arrays.items():
            layer, _, rest = name.partition(".")
            layers.setdefault(layer, {})[rest] = array
        return layers


def _at_real(values: Floats, lengths: Lengths) -> Floats:
    """Pick the real positions' values (N, F) of all (P, B, F)."""
    real: Floats = values[np.arange(len(values))[:, None] < lengths]
    return real


def _join_maps(
    grad: Floats, backwards: list[Backward], backward_rows: Callable[[Floats], Floats]
) -> Grads:
    """Go back through the feature maps; their gradients of the embeddings add up."""
    grads: Grads = {}
    grad_embedded: Floats | None = None
    parts = np.split(grad, len(backwards), axis=-1)
    for index, (part, backward) in enumerate(zip(parts, backwards, strict=True)):
        grad_x, map_grads = backward(part)
        grad_embedded = grad_x if grad_embedded is None else grad_embedded + grad_x
        grads |= {f"{index}.{name}": value for name, value in map_grads.items()}
    if grad_embedded is not None:
        grads["table"] = backward_rows(grad_embedded)
    return _name_encoder_grads(grads)


def _name_encoder_grads(grads: Grads) -> Grads:
    """Give the encoder's gradients their full names; the padding row has none."""
    table = grads.pop("table")
    table[..., 0, :] = 0
    return {f"encoder.{name}": value for name, value in grads.items()} | {"embedding.weight": table}
