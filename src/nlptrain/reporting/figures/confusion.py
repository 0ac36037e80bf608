"""The confusion matrix as a small image for TensorBoard.

Drawn with Pillow, a dependency of TensorBoard; matplotlib would take a hundred times as long.
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
_MAX_NAME = 24
_MAX_CLASSES = 30
_CORNER = "true ↓  predicted →"

# Grey levels while drawing; the palette later turns black into dark blue.
_INK, _DARK, _GRID, _PAPER = 0, 128, 215, 255
_DARK_BLUE = (8, 48, 107)


class ConfusionImage:
    """Draws confusion matrices of the same classes.

    Rows are the true classes, columns the predicted ones; the larger a cell's share of its class,
    the darker it is. Of more than 30 classes, only the most often confused are drawn.
    """

    def __init__(self, labels: Sequence[str]) -> None:
        """Open the fonts; `labels` are in the order of the class indices."""
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
        # The classes with most mistakes, on a tie the lower index, in the order of the classes.
        most = np.argsort(-confusion.mistakes, kind="stable")[:_MAX_CLASSES]
        chosen = np.sort(most)
        self._name(chosen)
        matrix, support = confusion.dense(chosen), confusion.support[chosen]
        widest = self._digits.getlength(str(matrix.max(initial=0)))
        cell = max(2 * _FONT_SIZE, round(widest) + 2 * _GAP)
        return _encode(self._page(matrix, _shades(matrix, support), cell))

    def _name(self, classes: NDArray[np.int64]) -> None:
        self._names = [_shortened(literal(self._labels[index])) for index in classes.tolist()]
        lengths = [self._font.getlength(name) for name in (*self._names, _CORNER)]
        self._margin = round(max(lengths)) + _GAP

    def _page(self, matrix: NDArray[np.int64], shades: NDArray[np.uint8], cell: int) -> "ImageType":
        """Draw the cells, each of this many pixels, the counts above 0, and the names."""
        from PIL import Image, ImageDraw

        start = self._margin + _GAP
        pixels = np.full((start + len(matrix) * cell + 1,) * 2, _PAPER, np.uint8)
        pixels[start:-1, start:-1] = shades.repeat(cell, axis=0).repeat(cell, axis=1)
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
        from PIL import Image, ImageDraw

        column = Image.new("L", (self._margin, len(self._names) * cell), _PAPER)
        draw = ImageDraw.Draw(column)
        edge = 0 if anchor == "lm" else self._margin
        for index, name in enumerate(self._names):
            draw.text((edge, (index + 0.5) * cell), name, _INK, self._font, anchor)
        return column


def _open_font(layout: Literal["best", "plain"]) -> "FreeTypeFont":
    """Open matplotlib's DejaVu Sans without importing matplotlib; Pillow's font is Latin only.

    Args:
        layout: best joins Arabic letters if Pillow can; plain takes half the time and suffices for
            digits.
    """
    from PIL import ImageFont

    matplotlib = cast("ModuleSpec", find_spec("matplotlib"))
    path = Path(str(matplotlib.origin)).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
    engine = ImageFont.Layout.BASIC if layout == "plain" else None
    return ImageFont.truetype(path, _FONT_SIZE, layout_engine=engine)


def _shortened(name: str) -> str:
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 1]}…"


def _shades(matrix: NDArray[np.int64], support: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Convert each count's share of its class's strings to a grey level: (K, K)."""
    shares: NDArray[np.float64] = matrix / np.maximum(support[:, None], 1)
    levels: NDArray[np.uint8] = np.round(_PAPER * (1 - shares)).astype(np.uint8)
    return levels


def _encode(picture: "ImageType") -> tuple[bytes, int, int]:
    ink = np.array(_DARK_BLUE)
    levels = np.linspace(0, 1, 256)[:, None]
    picture.putpalette(np.round(ink + levels * (255 - ink)).astype(np.uint8).tobytes())
    png = io.BytesIO()
    picture.save(png, "PNG", compress_level=3)
    return png.getvalue(), picture.width, picture.height
