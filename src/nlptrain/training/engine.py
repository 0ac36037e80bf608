"""Which engine computes a run, on which device, with how many threads."""

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError
from nlptrain.numpy_nn.architecture import Architecture

if TYPE_CHECKING:
    import torch

SMALL_NETWORK = 200_000
"""Parameters up to which the network by hand is the faster one on a CPU."""
ONE_THREAD = 1_000_000
"""Parameters up to which one thread does: a second gains little, and waits on a busy machine."""


@dataclass(frozen=True)
class EngineChoice:
    """What computes a run.

    Attributes:
        name: numpy or torch.
        reason: Why, for the run's first line.
    """

    name: str
    reason: str


def choose_engine(config: RunConfig, architecture: Architecture) -> EngineChoice:
    """Decide what `engine: auto` means; the same config always means the same."""
    if config.engine != "auto":
        return EngineChoice(config.engine, "as the config says")
    if config.device.startswith("cuda"):
        return EngineChoice("torch", f"the device is {config.device}")
    parameters = count_parameters(architecture)
    if parameters <= SMALL_NETWORK:
        return EngineChoice("numpy", f"faster on a CPU for {parameters:,} parameters")
    return EngineChoice("torch", f"faster for {parameters:,} parameters")


def count_parameters(architecture: Architecture) -> int:
    """Count the trainable numbers of a network."""
    return sum(prod(shape) for shape in architecture.parameter_shapes().values())


def choose_threads(config: RunConfig, architecture: Architecture) -> int:
    """Take one thread for a small network, else one a processor, where the config says nothing."""
    import os

    if config.training.threads is not None:
        return config.training.threads
    return 1 if count_parameters(architecture) <= ONE_THREAD else os.cpu_count() or 1


def find_device(name: str) -> "torch.device":
    """Find the device that a config asks for.

    Raises:
        ConfigError: It is not there.
    """
    import torch

    available = torch.cuda.device_count()
    if name == "auto":
        return torch.device("cuda" if available else "cpu")
    device = torch.device(name)
    if device.type == "cuda" and not available:
        raise ConfigError(
            f"device: {name!r} asks for CUDA, and torch {torch.__version__} finds no CUDA device "
            "here; use device: cpu, or auto"
        )
    if device.type == "cuda" and (device.index or 0) >= available:
        raise ConfigError(
            f"device: {name!r} is not there; CUDA devices are cuda:0 to cuda:{available - 1}"
        )
    return device
