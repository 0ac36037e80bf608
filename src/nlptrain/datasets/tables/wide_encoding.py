"""Encodings of two or four bytes a character, recognized by their first bytes, marked or not."""

import codecs

_FEWEST_ZEROS = 0.02
"""Share of zero bytes from which a text may be UTF-16 or UTF-32; other texts have none."""


def find_wide_encoding(start: bytes) -> str | None:
    """Recognize UTF-16 and UTF-32, with a mark or without one, from the first bytes of a text."""
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if start.count(0) < max(1, _FEWEST_ZEROS * len(start)):
        return None
    for encoding, width in (("utf-32", 4), ("utf-16", 2)):
        for order, zero in (("le", width - 1), ("be", 0)):
            name = f"{encoding}-{order}"
            if _fits(start[: len(start) - len(start) % width], name, width, zero):
                return name
    return None


def _fits(start: bytes, encoding: str, width: int, zero: int) -> bool:
    """Return whether a text decodes, has line ends, and its zeros where ASCII would have them."""
    zeros, expected = start.count(0), start[zero::width].count(0)
    if width == 4:
        expected += start[1::4].count(0) + start[2::4].count(0)
    try:
        # The last character may be cut in two.
        text = codecs.getincrementaldecoder(encoding)().decode(start)
    except UnicodeError:
        return False
    return expected >= 0.99 * zeros and any(end in text for end in "\r\n")
