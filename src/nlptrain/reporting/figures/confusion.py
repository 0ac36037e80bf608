"""The confusion matrix as a small picture for TensorBoard, drawn in milliseconds.

Pillow comes with TensorBoard; matplotlib would take a hundred times as long.
"""

import io
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np
from numpy.typing import NDArray

from nlptrain.evaluation.confusion import Confusion
from nlptrain.reporting.literal import literal

if TYPE_CHECKING:
    from PIL.Image import Image as ImageType
    from PIL.ImageFont import FreeTypeFont

_FONT_SIZE = 14
_GAP = 6
_LONGEST_NAME = 24
_MOST_DRAWN = 30
_CORNER = "true ↓  predicted →"

# Grey levels while drawing; the palette then turns black into dark blue.
_INK, _DARK, _GRID, _PAPER = 0, 128, 215, 255
_DARK_BLUE = (8, 48, 107)


class ConfusionImage:
    """Draws confusion matrices of the same classes one after the other.

    Rows are the true classes, columns the predicted ones; a cell is the darker, the larger its
    share of its class. Of more than 30 classes those are drawn that are confused most.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        """Take the names.

        Args:
            labels: By class index; C of them.
        """
        self._font = _open_font("best")
        self._digits = _open_font("plain")
        self._labels = labels
        self._names: list[str] = []
        self._margin = 0

    def draw(self, confusion: Confusion) -> tuple[bytes, int, int]:
        """Draw the counts by true and predicted class.

        Returns:
            The PNG, its width and its height in pixels.
        """
        # The most mistakes first, of equally many the lower index; then in the classes' order.
        most = np.argsort(-confusion.mistakes, kind="stable")[:_MOST_DRAWN]
        chosen = np.sort(most)
        self._name(chosen)
        matrix, support = confusion.dense(chosen), confusion.support[chosen]
        widest = self._digits.getlength(str(matrix.max(initial=0)))
        cell = max(2 * _FONT_SIZE, round(widest) + 2 * _GAP)
        return _encode(self._page(matrix, _shades(matrix, support), cell))

    def _name(self, classes: NDArray[np.int64]) -> None:
        """Take the names of the classes that are drawn, and measure them."""
        self._names = [_shortened(literal(self._labels[index])) for index in classes.tolist()]
        lengths = [self._font.getlength(name) for name in (*self._names, _CORNER)]
        self._margin = round(max(lengths)) + _GAP

    def _page(self, matrix: NDArray[np.int64], shades: NDArray[np.uint8], cell: int) -> "ImageType":
        """Paint cells of this many pixels, the counts above 0, and the names."""
        from PIL import Image, ImageDraw

        start = self._margin + _GAP
        pixels = np.full((start + len(matrix) * cell + 1,) * 2, _PAPER, np.uint8)
        pixels[start:-1, start:-1] = _enlarged(shades, cell)
        pixels[start::cell, start:] = pixels[start:, start::cell] = _GRID
        page = Image.fromarray(pixels)
        upright = self._name_column(cell, "lm").transpose(Image.Transpose.ROTATE_90)
        page.paste(upright, (start, 0))
        page.paste(self._name_column(cell, "rm"), (0, start))
        draw = ImageDraw.Draw(page)
        draw.text((self._margin, self._margin), _CORNER, _INK, self._font, "rd")
        for row, column in np.argwhere(matrix).tolist():
            center = (start + (column + 0.5) * cell, start + (row + 0.5) * cell)
            ink = _PAPER if shades[row, column] < _DARK else _INK
            draw.text(center, str(matrix[row, column]), ink, self._digits, "mm")
        return page

    def _name_column(self, cell: int, anchor: Literal["lm", "rm"]) -> "ImageType":
        """Write the names below each other, at the left or the right edge."""
        from PIL import Image, ImageDraw

        column = Image.new("L", (self._margin, len(self._names) * cell), _PAPER)
        draw = ImageDraw.Draw(column)
        edge = 0 if anchor == "lm" else self._margin
        for index, name in enumerate(self._names):
            draw.text((edge, (index + 0.5) * cell), name, _INK, self._font, anchor)
        return column


def _open_font(layout: Literal["best", "plain"]) -> "FreeTypeFont":
    """Open matplotlib's DejaVu Sans without matplotlib: Pillow's own font is Latin only.

    Args:
        layout: Best joins Arabic letters, where Pillow can; plain takes half the time, and will
            do for digits.
    """
    from PIL import ImageFont

    matplotlib = cast("ModuleSpec", find_spec("matplotlib"))
    path = Path(str(matplotlib.origin)).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    engine = ImageFont.Layout.BASIC if layout == "plain" else None
    return ImageFont.truetype(path, _FONT_SIZE, layout_engine=engine)


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _shades(matrix: NDArray[np.int64], support: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Turn each count's share of its class's strings, (K,), into a grey level: (K, K)."""
    shares: NDArray[np.float64] = matrix / np.maximum(support[:, None], 1)
    levels: NDArray[np.uint8] = np.round(_PAPER * (1 - shares)).astype(np.uint8)
    return levels


def _enlarged(shades: NDArray[np.uint8], cell: int) -> NDArray[np.uint8]:
    """Repeat each pixel along both axes: (K, K) → (K·cell, K·cell)."""
    return shades.repeat(cell, axis=0).repeat(cell, axis=1)


def _encode(picture: "ImageType") -> tuple[bytes, int, int]:
    """Colour the grey levels by a palette and write the PNG."""
    ink = np.array(_DARK_BLUE)
    levels = np.linspace(0, 1, 256)[:, None]
    picture.putpalette(np.round(ink + levels * (255 - ink)).astype(np.uint8).tobytes())
    png = io.BytesIO()
    picture.save(png, "PNG", compress_level=3)
    return png.getvalue(), picture.width, picture.height
