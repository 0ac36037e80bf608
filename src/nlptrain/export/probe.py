"""Strings of every kind, to hold an exported network against the one by hand."""

import numpy as np

from nlptrain.files.model_file import TextPipeline

NUMBER = 1_000
USUAL = 300
"""Characters up to which most of the strings have."""
LONGEST = 2_000
"""Characters of the longest one, where the network reads longer ones."""
UNKNOWN = "\x00 \t\x7fÀßé\u0301İΣ漢\u200d😀\U0010ffff"
"""Characters that a vocabulary may lack, of one to four bytes in UTF-8."""


def is_half(character: str) -> bool:
    """Return whether it is a surrogate, which UTF-8 cannot say."""
    return "\ud800" <= character <= "\udfff"


def draw_strings(text: TextPipeline) -> list[str]:
    """Draw strings: empty, of one character, with unknown ones, longer than the network reads.

    The same ones for the same vocabulary and the same longest length.

    Args:
        text: How the network reads strings.
    """
    generator = np.random.default_rng(0)
    # Half a character, which Python's strings may have, is none to other programs.
    known = "".join(each for each in text.vocabulary.characters if not is_half(each))
    letters = known + "".join(each for each in UNKNOWN if each not in known)
    odds = np.full(len(letters), 0.1)
    odds[: len(known)] = 1
    odds /= odds.sum()
    longest = min(text.max_length or USUAL, LONGEST)
    # Most are short, as in most data.
    lengths = (min(longest, USUAL) * generator.random(NUMBER - 1) ** 3).astype(int)
    lengths[:4] = 0, 1, longest, longest + 1
    drawn = (generator.choice(len(letters), length, p=odds) for length in lengths.tolist())
    return [*("".join(letters[place] for place in places) for places in drawn), UNKNOWN]
