"""Whether the device of a run multiplies in the precision that its config names."""

import torch

from nlptrain.errors import ConfigError
from nlptrain.settings import kinds
from nlptrain.torch_nn.precision import set_tf32, supports


def prepare_precision(precision: kinds.Precision, device: torch.device) -> None:
    """Set torch's own switch of the precision on CUDA.

    Raises:
        ConfigError: The device has none of it.
    """
    if not supports(precision, device):
        allowed = "float32 or bfloat16" if device.type == "cpu" else "float32"
        raise ConfigError(
            f"training.precision: {precision!r} needs a CUDA device of compute capability 8.0 or "
            f"later, and the run would compute on {_describe(device)}; use {allowed}"
        )
    if device.type == "cuda":
        set_tf32(allowed=precision == "tf32")


def _describe(device: torch.device) -> str:
    if device.type != "cuda":
        return "a CPU"
    major, minor = torch.cuda.get_device_capability(device)
    return f"{device} ({torch.cuda.get_device_name(device)}), which has {major}.{minor}"
