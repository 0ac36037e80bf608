"""Dropout as a layer."""

from nlptrain.numpy_nn.arrays import Backward, Floats


def dropout(x: Floats, mask: Floats | None) -> tuple[Floats, Backward]:
    """Apply y = x ∘ mask in training; in evaluation, without a mask, y = x.

    Args:
        x: Any shape.
        mask: 0 where x is dropped, else 1 / (1 − p), so that the expected value stays; as
            `dropout_mask` draws it.
    """
    if mask is None:
        return x, lambda grad_y: (grad_y, {})
    return x * mask, lambda grad_y: (grad_y * mask, {})
