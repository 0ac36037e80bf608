"""Unicode normalization and lower case, the same in training and prediction."""

import unicodedata
from collections.abc import Sequence
from functools import partial
from typing import Any, cast


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


def _apply_form(texts: Sequence[str], form: str) -> list[str]:
    if form == "none":
        return list(texts)
    # ASCII strings are already in every form.
    convert = partial(unicodedata.normalize, cast("Any", form))
    return [text if text.isascii() else convert(text) for text in texts]
