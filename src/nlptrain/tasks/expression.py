"""A regular expression's notation → its parts.

The notation is Python's, and `re` itself decides what each class and escape matches. What no
finite automaton can do, or what would mean nothing here, is refused with reason and position.
"""

import re
import warnings
from dataclasses import dataclass

QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")

REFUSED = {
    r"\\[1-9]|\(\?P=": "a back-reference: no regular language remembers what a group matched",
    r"\(\?<?[=!]": "a lookaround: write its condition into the expression itself",
    r"\(\?>": "an atomic group: its meaning depends on the search; use (…)",
    r"\(\?\(": "a conditional group: write out both cases, with |",
    r"\(\?(?!:|P<)": "flags and comments are not supported",
    r"[\^$]|\\[AZ]": "an anchor: the whole string is matched anyway; leave it out",
    r"\\[bB]": "a word boundary: write its condition into the expression itself",
}


class PatternError(ValueError):
    """A pattern that is refused, and at which position, counted from 0."""

    def __init__(self, position: int, reason: str) -> None:
        super().__init__(f"position {position}: {reason}")


@dataclass(frozen=True)
class Letter:
    """One of some letters."""

    letters: frozenset[str]


@dataclass(frozen=True)
class Chain:
    """Parts one after another; without parts, the empty string."""

    parts: tuple["Part", ...]


@dataclass(frozen=True)
class Choice:
    """One of several parts."""

    parts: tuple["Part", ...]


@dataclass(frozen=True)
class Repeat:
    """A part repeated from `fewest` to `most` times; `most` is None for no limit."""

    part: "Part"
    fewest: int
    most: int | None


Part = Letter | Chain | Choice | Repeat


def parse_expression(pattern: str, alphabet: str) -> Part:
    """Parse a pattern.

    Args:
        pattern: Letters, escapes, `.`, `[…]`, `(…)`, `|`, `*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}`.
        alphabet: The letters that strings consist of.

    Raises:
        PatternError: It is not a valid expression, or not a supported one.
    """
    try:
        _compile(pattern)
        return _Reader(pattern, alphabet).read()
    except re.error as error:
        raise PatternError(error.pos or 0, error.msg) from None
    except (OverflowError, RecursionError):
        raise PatternError(0, "nested too deeply, or repeated too often") from None


def _compile(pattern: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        # Python warns of classes such as [[a], whose meaning may change in future.
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(pattern)


class _Reader:
    """Reads a pattern from left to right, with one method per level of its grammar."""

    def __init__(self, pattern: str, alphabet: str) -> None:
        self._pattern = pattern
        self._alphabet = alphabet
        self._place = 0

    def read(self) -> Part:
        parts: list[Part] = [self._chain()]
        while self._next() == "|":
            self._place += 1
            parts.append(self._chain())
        return parts[0] if len(parts) == 1 else Choice(tuple(parts))

    def _next(self) -> str:
        return self._pattern[self._place : self._place + 1]

    def _chain(self) -> Part:
        parts: list[Part] = []
        while self._next() not in ("", "|", ")"):
            parts.append(self._repeat())
        return Chain(tuple(parts))

    def _repeat(self) -> Part:
        part = self._atom()
        found = QUANTIFIER.match(self._pattern, self._place)
        # As in re, x{} is no quantifier but letters, whereas x{,} is one.
        if found is None or found[0] == "{}":
            return part
        self._place = found.end()
        if self._next() in ("?", "+") and self._next():
            kind = "lazy" if self._next() == "?" else "possessive"
            raise PatternError(self._place, f"a {kind} quantifier: remove its {self._next()}")
        if found[0] in "*+?":
            return Repeat(part, int(found[0] == "+"), 1 if found[0] == "?" else None)
        fewest, comma, most = found.groups()
        least = int(fewest or 0)
        if not comma:
            return Repeat(part, least, least)
        return Repeat(part, least, int(most) if most else None)

    def _atom(self) -> Part:
        for refused, reason in REFUSED.items():
            if re.compile(refused).match(self._pattern, self._place):
                raise PatternError(self._place, reason)
        opening = re.compile(r"\((\?:|\?P<\w+>)?").match(self._pattern, self._place)
        if not opening:
            return self._letter()
        self._place = opening.end()
        part = self.read()
        self._place += 1
        return part

    def _letter(self) -> Part:
        start = self._place
        self._place = self._end_of_letter()
        text = self._pattern[start : self._place]
        stands_for = _compile(text)
        letters = frozenset(letter for letter in self._alphabet if stands_for.fullmatch(letter))
        if not letters and text[0] != "[":
            raise PatternError(start, f"{text!r} matches no letter of {self._alphabet!r}")
        return Letter(letters)

    def _end_of_letter(self) -> int:
        if self._next() == "[":
            # A ] right after [ or [^ is a letter of the class.
            found = re.compile(r"\[\^?(?:\\.|[^\\])(?:\\.|[^\]\\])*\]", re.DOTALL).match(
                self._pattern, self._place
            )
        else:
            escape = r"\\(?:x..|u.{4}|U.{8}|N\{[^}]*\}|0[0-7]{0,2}|.)|."
            found = re.compile(escape, re.DOTALL).match(self._pattern, self._place)
        return found.end() if found else len(self._pattern)
