"""With how many bits torch multiplies; weights and the loss always have those of the dtype."""

from contextlib import AbstractContextManager, nullcontext

import torch

from nlptrain.settings import kinds


def multiplying_in(
    precision: kinds.Precision, device: torch.device
) -> AbstractContextManager[object]:
    """Return the context in which a network computes its layers.

    In bfloat16, torch's autocast rounds what goes into matrix products, convolutions and recurrent
    layers; each layer's gradients leave it in the precision of its weights.
    """
    if precision != "bfloat16":
        return nullcontext()
    return torch.autocast(device.type, torch.bfloat16)


def set_tf32(*, allowed: bool) -> None:
    """Let CUDA round what goes into a product of float32 to the 10 bits of TF32, or not.

    By itself, torch would in convolutions and recurrent layers, and would not elsewhere.
    """
    torch.set_float32_matmul_precision("high" if allowed else "highest")
    torch.backends.cudnn.allow_tf32 = allowed


def supports(precision: kinds.Precision, device: torch.device) -> bool:
    """Return whether a device multiplies like that, not only pretends to.

    TF32 is there from compute capability 8.0 on (NVIDIA's Ampere), as is bfloat16; a CPU without
    instructions for bfloat16 computes it in others, more slowly.
    """
    if precision == "float32":
        return True
    if device.type != "cuda":
        return precision == "bfloat16"
    return torch.cuda.get_device_capability(device) >= (8, 0)
