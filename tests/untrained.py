"""Networks without training, for what looks into them."""

from pathlib import Path

import numpy as np

from nlptrain.files.model_file import ModelFile, TextPipeline
from nlptrain.inference.model import Model
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.initialization import initial_parameters
from nlptrain.text.vocabulary import Vocabulary


def make_model(
    encoder, *, max_length=None, threshold=0.5, embedding_dim=4, boundaries=False, **kinds
):
    """Make an untrained network for the characters a to f, all arrays away from 0 and 1."""
    classes = 2 if kinds.get("output") == "sigmoid" else 3
    architecture = Architecture(8 + 2 * boundaries, classes, embedding_dim, encoder, **kinds)
    generator = np.random.default_rng(1)
    arrays = {
        name: array + generator.uniform(0.1, 0.5, array.shape) * (name != "embedding.weight")
        for name, array in initial_parameters(architecture, seed=3, dtype="float64").items()
    }
    text = TextPipeline(Vocabulary("abcdef", boundaries), max_length=max_length)
    labels = ("absent", "present", "other")[:classes]
    file = ModelFile(architecture, arrays, text, labels, "bce", threshold=threshold)
    return Model(Path("model.safetensors"), file)
