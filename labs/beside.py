"""Shared by the labs by hand: numbers of both sides in one line, with their largest difference."""

import numpy as np
import torch
from numpy.typing import ArrayLike


def beside(name: str, by_hand: ArrayLike, in_torch: torch.Tensor | ArrayLike) -> float:
    """Print the values by hand and torch's, or only the shape of a large array.

    Returns:
        The largest difference.
    """
    ours = np.asarray(by_hand)
    if isinstance(in_torch, torch.Tensor):
        in_torch = in_torch.detach().numpy()
    theirs = np.asarray(in_torch)
    if ours.shape != theirs.shape:
        raise ValueError(f"{name}: {ours.shape} by hand, {theirs.shape} in torch")
    difference = float(np.abs(ours - theirs).max())
    print(f"  {name:<34}{_write(ours):<34}{_write(theirs):<34}{difference:.0e}")
    return difference


def headline(title: str) -> None:
    """Print the header of a table of `beside`."""
    print(f"\n{title}\n  {'':<34}{'by hand':<34}{'torch':<34}difference")


def _write(array: np.ndarray) -> str:
    if array.size > 4:
        return " × ".join(map(str, array.shape)) + " numbers"
    numbers = " ".join(f"{number:.4f}" for number in array.reshape(-1))
    return f"[{numbers}]" if array.ndim else numbers
