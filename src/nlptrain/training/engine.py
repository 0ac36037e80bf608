"""Which engine to use, on which device and with how many threads."""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError
from nlptrain.numpy_nn.architecture import Architecture

if TYPE_CHECKING:
    import torch

SMALL_NETWORK = 200_000
"""Parameters up to which the network by hand is faster on a CPU."""
ONE_THREAD = 1_000_000
"""Parameters up to which one thread suffices: a second gains little, and waits on a busy CPU."""


@dataclass(frozen=True)
class EngineChoice:
    """The engine of a run.

    Attributes:
        name: numpy or torch.
        reason: Why, for the first line of output.
    """

    name: str
    reason: str


def choose_engine(config: RunConfig, architecture: Architecture) -> EngineChoice:
    """Resolve `engine: auto`, always in the same way for the same config."""
    if config.engine != "auto":
        return EngineChoice(config.engine, "as set in the config")
    if config.device.startswith("cuda"):
        return EngineChoice("torch", f"the device is {config.device}")
    parameters = count_worked_on(architecture)
    number = f"{parameters:,} parameters{', not counting n-grams' if architecture.tables() else ''}"
    if parameters <= SMALL_NETWORK:
        return EngineChoice("numpy", f"faster on a CPU for {number}")
    return EngineChoice("torch", f"faster for {number}")


def count_parameters(architecture: Architecture) -> int:
    """Count the trainable parameters of a network."""
    return sum(prod(shape) for shape in architecture.parameter_shapes().values())


def count_worked_on(architecture: Architecture) -> int:
    """Count those with which every step computes, not some rows alone, as with n-grams."""
    each = architecture.parameters().values()
    return sum(prod(parameter.shape) for parameter in each if not parameter.by_rows)


def choose_threads(config: RunConfig, architecture: Architecture) -> int:
    """Choose the threads: the config's, else one for a small network or one per processor."""
    import os

    if config.training.threads is not None:
        return config.training.threads
    return 1 if count_worked_on(architecture) <= ONE_THREAD else os.cpu_count() or 1


def find_device(name: str) -> "torch.device":
    """Find the device that a config names.

    Raises:
        ConfigError: It does not exist.
    """
    import torch

    available = torch.cuda.device_count()
    if name == "auto":
        return torch.device("cuda" if available else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and not available:
        raise ConfigError(
            f"device: {name!r} needs CUDA, but torch {torch.__version__} finds no CUDA device; "
            "use device: cpu or auto"
        )
    if device.type == "cuda" and (device.index or 0) >= available:
        raise ConfigError(
            f"device: {name!r} does not exist; CUDA devices are cuda:0 to cuda:{available - 1}"
        )
    return device
