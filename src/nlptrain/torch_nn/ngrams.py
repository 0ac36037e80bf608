"""N-gram embeddings in torch; the rows that a string reads are found by the code by hand."""

import numpy as np
import torch
from torch import Tensor, nn

from nlptrain.numpy_nn.arrays import Arrays
from nlptrain.numpy_nn.ngram_ids import UNKNOWN
from nlptrain.numpy_nn.ngrams import NGrams as NGramsByHand
from nlptrain.torch_nn.layer import TorchLayer


class NGrams(nn.Module):
    """Token ids → one vector per string, with a sparse gradient."""

    def __init__(self, layer: NGramsByHand) -> None:
        super().__init__()
        self._layer = layer
        self.weight = nn.Parameter(torch.empty(layer.count, layer.dim))
        for name, shape in layer.constants().items():
            self.register_buffer(name, torch.empty(shape, dtype=torch.uint64))
        self._arrays: Arrays | None = None

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Add up the vectors of each string's n-grams, scaled: (B, T), (B,) → (B, dim)."""
        if self._arrays is None:
            constants = {name: each.cpu().numpy() for name, each in self.named_buffers()}
            self._arrays = self._layer.bind(constants)
        found = self._layer.read(ids.cpu().numpy().T, lengths.cpu().numpy(), self._arrays)
        is_known = found.rows != UNKNOWN
        counts = np.count_nonzero(is_known, axis=1)
        rows, starts, scale = (
            torch.from_numpy(each).to(self.weight.device)
            for each in (
                found.rows[is_known].astype(np.int64),
                counts.cumsum() - counts,
                found.scale,
            )
        )
        sums = nn.functional.embedding_bag(rows, self.weight, starts, mode="sum", sparse=True)
        return sums * scale.to(sums.dtype)[:, None]


def build_ngrams(layer: NGramsByHand) -> TorchLayer:
    """Build n-grams: token ids (B, T) → one vector per string (B, dim)."""
    module = NGrams(layer)
    return TorchLayer(module, lambda x, context: module(x, context.lengths))
