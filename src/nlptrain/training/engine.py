"""Which engine to use, on which device and with how many threads."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nlptrain.config.run import RunConfig
from nlptrain.errors import ConfigError
from nlptrain.numpy_nn.architecture import Architecture
from nlptrain.numpy_nn.encoders import AnyEncoder
from nlptrain.numpy_nn.recurrent import Recurrent
from nlptrain.packages import is_installed, require
from nlptrain.training.distributed.launch import count_processes

if TYPE_CHECKING:
    import torch

SMALL_IN_0_1 = 200_000
"""Parameters up to which `auto` took the network by hand in 0.1.0."""
LONG_FOR_LSTM = 70
"""Mean characters of a string above which torch is faster for any LSTM in one direction."""
STATES_OF_LSTM = 2_700
"""Units × mean characters above which it is, too: the wider an LSTM is, the shorter the strings."""
ONE_THREAD = 1_000_000
"""Parameters up to which one thread suffices: a second gains little, and waits on a busy CPU.

Larger networks are for torch, as none of them was measured by hand.
"""


@dataclass(frozen=True)
class EngineChoice:
    """The engine of a run.

    Attributes:
        name: numpy or torch.
        reason: Why, for the first line of output.
    """

    name: str
    reason: str


def choose_engine(
    config: RunConfig, architecture: Architecture, mean_length: float
) -> EngineChoice:
    """Resolve `engine: auto`, always in the same way for the same config and data.

    Without torch, whatever it would choose torch for is computed by hand.

    The rule is what `benchmarks/engines.py` measured on a CPU: by hand is faster for convolutions,
    n-grams and poolings, Elman networks and GRUs of 16 to 512 units, in batches of 16 to 256; and
    for LSTMs, unless torch can run one over long strings in one piece.

    Args:
        config: The run's.
        architecture: Of its network.
        mean_length: Characters of a training string.
    """
    if config.engine != "auto":
        return EngineChoice(config.engine, "as set in the config")
    if config.device.startswith("cuda"):
        return EngineChoice("torch", f"the device is {config.device}")
    if (processes := count_processes()) > 1:
        return EngineChoice("torch", f"torchrun started {processes:,} processes")
    if config.training.precision != "float32":
        return EngineChoice("torch", f"training.precision is {config.training.precision}")
    parameters = architecture.num_worked_on
    number = f"{parameters:,} parameters{', not counting n-grams' if architecture.tables else ''}"
    if parameters > ONE_THREAD:
        return _prefer_torch(number)
    if any(_is_for_torch(encoder, mean_length) for encoder in architecture.encoders):
        return _prefer_torch(f"an LSTM over {mean_length:,.0f} characters")
    return EngineChoice("numpy", f"faster on a CPU for {number}")


def _prefer_torch(network: str) -> EngineChoice:
    if is_installed("torch"):
        return EngineChoice("torch", f"faster for {network}")
    return EngineChoice("numpy", f"torch would be faster for {network}, and is not installed")


def recorded_engine(
    config: RunConfig, architecture: Architecture, versions: Mapping[str, str]
) -> EngineChoice:
    """Return the engine of a run that goes on: the rule of `auto` may have changed since.

    Args:
        config: The run's.
        architecture: Of its network.
        versions: Of its record; those of 0.1.0 do not name the engine.
    """
    if config.engine != "auto" or config.device.startswith("cuda"):
        return choose_engine(config, architecture, mean_length=0)
    is_small = architecture.num_worked_on <= SMALL_IN_0_1
    began = versions.get("engine", "numpy" if is_small else "torch")
    return EngineChoice(began, "as the run began")


def _is_for_torch(encoder: AnyEncoder, mean_length: float) -> bool:
    if not isinstance(encoder, Recurrent) or encoder.cell != "lstm" or encoder.bidirectional:
        return False
    return mean_length > min(LONG_FOR_LSTM, STATES_OF_LSTM / encoder.hidden_size)


def choose_threads(config: RunConfig, architecture: Architecture) -> int:
    """Choose the threads: the config's, else one for a small network or one per processor."""
    import os

    if config.training.threads is not None:
        return config.training.threads
    return 1 if architecture.num_worked_on <= ONE_THREAD else os.cpu_count() or 1


def find_device(name: str) -> "torch.device":
    """Find the device that a config names.

    Raises:
        ConfigError: It does not exist.
        MissingPackageError: There is no torch.
    """
    require("torch", purpose="engine: torch")
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
