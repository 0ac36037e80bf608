"""Which text encoding some bytes are probably in, once they turned out not to be UTF-8."""

import re

from nlptrain.datasets.tables.text_stream import COMMON_ENCODINGS

_CANDIDATES = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949", "mac_roman", "cp850"),
)
"""What programs write tables in, beside Unicode; many more fit most bytes, and mean nothing."""

_WESTERN_LETTERS = set("äöüÄÖÜßéèêëÉÈÊàâáãåÀÂÁÃÅæÆçÇñÑíìîïÍÎóòôõøÓÔÕØœŒúùûÚÛªº")
_WESTERN_MARKS = set("\xa0“”‘’‚„‹›«»–—…€£¥©®™°§·•¿¡±²³´×½¼¾µ†‡")
_WORD = re.compile(r"[^\W\d_]+")
_MARK_IN_WORD = re.compile(r"[A-Za-z][\xa0§¿¡±²³´×½¼¾µ†‡•·©®][a-z]")
"""What was a letter in another encoding."""
_MOST_FOREIGN = 0.5
"""Share of a word's letters beyond ASCII from which the text is not written in Latin letters."""
_SHOWN_WORDS = 3
_LONGEST_WORD = 20


def describe_encoding(sample: bytes) -> str:
    """Name the encoding that lines are probably in, with some words as they would then read."""
    guess = guess_encoding(sample)
    if guess is None:
        return f"name the file's encoding: --encoding NAME, or data.file.encoding: NAME, {_COMMON}"
    shown = ", ".join(map(repr, _find_words(sample.decode(guess))))
    return (
        f"the file is probably in {guess}, which reads {shown}: --encoding {guess}, or "
        f"data.file.encoding: {guess}; if that looks wrong, name another, {_COMMON}"
    )


def guess_encoding(sample: bytes) -> str | None:
    """Guess the encoding of lines that are not UTF-8; None where nothing likely fits."""
    lines = b"\n".join(dict.fromkeys(sample.splitlines()))
    if _is_western(lines):
        return "cp1252"
    import charset_normalizer

    likely = {}
    for match in charset_normalizer.from_bytes(lines, cp_isolation=list(_CANDIDATES)):
        text = _decode(sample, match.encoding)
        if text is not None and _find_words(text):
            likely[match.encoding] = text
    well = (encoding for encoding, text in likely.items() if _reads_well(text))
    return next(well, next(iter(likely), None))


def _decode(sample: bytes, encoding: str) -> str | None:
    try:
        return sample.decode(encoding)
    except UnicodeError:
        return None


def _is_western(sample: bytes) -> bool:
    """Return whether cp1252 gives letters and marks of Western Europe, within words of ASCII.

    Detectors cannot tell cp1252 from its neighbours where a table has few such letters.
    """
    text = _decode(sample, "cp1252")
    if text is None or not _reads_well(text):
        return False
    foreign = {character for character in text if not character.isascii()}
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    beyond = sum(not letter.isascii() for word in words for letter in word)
    is_latin = beyond <= _MOST_FOREIGN * sum(map(len, words))
    return is_latin and foreign <= _WESTERN_LETTERS | _WESTERN_MARKS


def _reads_well(text: str) -> bool:
    """Return whether no word has a mark in it, or a capital behind its first letter."""
    if _MARK_IN_WORD.search(text):
        return False
    words = [word for word in _WORD.findall(text) if not word.isascii() and not word.isupper()]
    return not any(
        letter.isupper() and not letter.isascii() for word in words for letter in word[1:]
    )


def _find_words(text: str) -> list[str]:
    """Find the first words with letters beyond ASCII; where there are none, those with marks."""
    found = [word for word in _WORD.findall(text) if not word.isascii() and len(word) > 1]
    if not found:
        found = [word for word in text.split() if not word.isascii() and len(word) > 1]
    return [word[:_LONGEST_WORD] for word in dict.fromkeys(found)][:_SHOWN_WORDS]


_COMMON = f"such as {COMMON_ENCODINGS}"
