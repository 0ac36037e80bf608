"""One spelling for what Unicode can spell in several ways, the same in training and predicting."""

import unicodedata
from collections.abc import Sequence
from functools import partial
from typing import Any, cast


def normalize(texts: Sequence[str], form: str, lowercase: bool) -> list[str]:
    """Bring strings into a Unicode normalization form, and into small letters on request.

    Combining marks, lone surrogates and NULs stay.

    Args:
        texts: The strings.
        form: NFC, NFD, NFKC, NFKD (Unicode Standard Annex 15), or none to leave the spelling.
        lowercase: Whether to turn letters into small ones.
    """
    spelled = _compose(texts, form)
    if not lowercase:
        return spelled
    # Compose again: some small letters have one code point where their capitals need two (ǰ).
    return _compose([text.lower() for text in spelled], form)


def _compose(texts: Sequence[str], form: str) -> list[str]:
    """Bring strings into the form; ASCII strings are in every form already."""
    if form == "none":
        return list(texts)
    spell = partial(unicodedata.normalize, cast("Any", form))
    return [text if text.isascii() else spell(text) for text in texts]
