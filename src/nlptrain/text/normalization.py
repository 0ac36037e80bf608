"""Unicode normalization, lower case and white space, the same in training and prediction."""

import unicodedata
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from nlptrain.text.string_column import StringColumn

_ASCII = 128
_LOWER = np.frombuffer(bytes(range(256)).lower(), np.uint8)
"""What becomes of each byte of ASCII."""
SPACES = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What `str.strip` drops."""


def normalize(texts: Sequence[str], form: str, lowercase: bool) -> list[str]:
    """Convert strings to a Unicode normalization form, and optionally to lower case.

    The form is NFC, NFD, NFKC, NFKD (Unicode Standard Annex 15) or none. Combining marks, lone
    surrogates and NULs are kept.
    """
    normalized = _apply_form(texts, form)
    if not lowercase:
        return normalized
    # Again: some lower-case letters have one code point where their capitals need two (ǰ).
    return _apply_form([text.lower() for text in normalized], form)


def normalize_column(
    texts: StringColumn, form: str, *, lowercase: bool, strip: bool
) -> StringColumn:
    """Do the same to a column, and drop white space at both ends of the strings.

    Only strings that it may change are looked at one by one.
    """
    convert = partial(normalize, form=form, lowercase=lowercase)
    if lowercase and texts.is_ascii:
        texts = StringColumn(_LOWER[texts.data], texts.offsets)
    elif lowercase:
        changed = texts.count_bytes(lambda data: (data >= _ASCII) | (data - ord("A") < 26)) > 0
        texts = texts.edit(changed, convert)
    elif form != "none" and not texts.is_ascii:
        texts = texts.edit(texts.count_bytes(lambda data: data >= _ASCII) > 0, convert)
    return strip_column(texts) if strip else texts


def strip_column(texts: StringColumn) -> StringColumn:
    """Drop white space at both ends of strings, as `str.strip` does."""
    if texts.is_ascii and texts.data.min(initial=_ASCII) > ord(" "):
        return texts
    sizes = texts.sizes
    filled = np.flatnonzero(sizes)
    begins, ends = texts.offsets[filled], texts.offsets[filled + 1]
    may_change = np.zeros(len(texts), bool)
    first, last = _mark_bytes(0), _mark_bytes(-1)
    may_change[filled] = first[texts.data[begins]] | last[texts.data[ends - 1]]
    return texts.edit(may_change, lambda found: [text.strip() for text in found])


def _apply_form(texts: Sequence[str], form: str) -> list[str]:
    if form == "none":
        return list(texts)
    # ASCII strings are already in every form.
    convert = partial(unicodedata.normalize, cast("Any", form))
    return [text if text.isascii() else convert(text) for text in texts]


@cache
def _mark_bytes(place: int) -> NDArray[np.bool_]:
    """Mark the bytes that are the first, or the last, of a space in UTF-8: (256,)."""
    marks = np.zeros(256, bool)
    marks[[space.encode()[place] for space in SPACES]] = True
    return marks
