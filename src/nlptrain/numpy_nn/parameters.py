"""All trainable arrays of a network in one vector, so that an update is only a few operations."""

from collections.abc import Mapping

import numpy as np

from nlptrain.numpy_nn.arrays import Floats


class ParameterVector:
    """Named arrays that are views of one vector.

    Attributes:
        vector: All parameters (…, P), in the order of the names.
        views: The arrays by name; writing to one writes to the vector.
    """

    def __init__(self, arrays: Mapping[str, Floats], leading: int = 0) -> None:
        """Copy arrays into a new vector.

        Args:
            arrays: By name; all with the same leading axes.
            leading: Number of leading axes, for networks side by side.
        """
        shapes = {name: array.shape for name, array in arrays.items()}
        flat = [array.reshape(*array.shape[:leading], -1) for array in arrays.values()]
        self.vector: Floats = np.concatenate(flat, axis=-1)
        self.views = self._name(self.vector, shapes)

    def like(self) -> "ParameterVector":
        """Create a vector of zeros with the same names and shapes."""
        shapes = {name: view.shape for name, view in self.views.items()}
        vector = np.zeros_like(self.vector)
        return self._wrap(vector, self._name(vector, shapes))

    def networks(self, which: slice) -> "ParameterVector":
        """View some of the networks side by side; updating the view updates them."""
        views = {name: view[which] for name, view in self.views.items()}
        return self._wrap(self.vector[which], views)

    def name_parts(self, vector: Floats) -> dict[str, Floats]:
        """View the parts of another vector of the same shape, by the names of this one."""
        return self._name(vector, {name: view.shape for name, view in self.views.items()})

    def fill(self, arrays: Mapping[str, Floats]) -> None:
        """Copy arrays into the vector by name, ignoring others."""
        for name, view in self.views.items():
            view[...] = arrays[name]

    @classmethod
    def _wrap(cls, vector: Floats, views: dict[str, Floats]) -> "ParameterVector":
        other = cls.__new__(cls)
        other.vector, other.views = vector, views
        return other

    @staticmethod
    def _name(vector: Floats, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Floats]:
        views, begin = {}, 0
        leading = vector.shape[:-1]
        for name, shape in shapes.items():
            size = int(np.prod(shape[len(leading) :]))
            views[name] = vector[..., begin : begin + size].reshape(shape)
            begin += size
        return views
