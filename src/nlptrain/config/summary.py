"""A config in one line."""

from nlptrain.config.data import DataFile
from nlptrain.config.run import RunConfig


def summarize(config: RunConfig) -> str:
    """Summarize a config's name, data, network, optimizer and length in one line."""
    source = config.data.source
    data = source.path if isinstance(source, DataFile) else source.type
    encoders = [
        each.type + f" ({each.label})" * (each.label != each.type)
        for each in config.model.all_encoders
    ]
    network = " + ".join([*encoders, *["ngrams"] * (config.model.ngrams is not None)])
    optimizer = f"{config.optimizer.type}, learning rate {config.optimizer.learning_rate:g}"
    steps, epochs = config.training.steps, config.training.epochs
    length = f"{epochs} epochs" if steps is None else f"{steps} steps"
    if config.training.members > 1:
        length += f" · {config.training.members} members"
    return f"{config.name}: {data} · {network} · {optimizer} · {length}"
