"""A regular expression's notation → its parts.

The notation is that of Python's `re`, which is asked what each class and escape stands for. What
no finite automaton does, and what would mean nothing here, is refused with reason and position.
"""

import re
import warnings
from dataclasses import dataclass

QUANTIFIER = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")

REFUSED = {
    r"\\[1-9]|\(\?P=": "a back-reference: no regular language remembers what a group matched",
    r"\(\?<?[=!]": "a lookaround: say in the expression itself what stands there",
    r"\(\?>": "an atomic group: it depends on how the search goes; use (…)",
    r"\(\?\(": "a conditional group: write both cases out, with |",
    r"\(\?(?!:|P<)": "flags and comments are not read here",
    r"[\^$]|\\[AZ]": "an anchor: the whole string is matched anyway; leave it out",
    r"\\[bB]": "a word boundary: say in the expression itself what stands there",
}


class PatternError(ValueError):
    """A pattern that is refused, and where: from 0 on."""

    def __init__(self, position: int, reason: str) -> None:
        """Describe where and why."""
        super().__init__(f"position {position}: {reason}")


@dataclass(frozen=True)
class Letter:
    """One of some letters."""

    letters: frozenset[str]


@dataclass(frozen=True)
class Chain:
    """Parts, one after another; none is the empty string."""

    parts: tuple["Part", ...]


@dataclass(frozen=True)
class Choice:
    """One of several parts."""

    parts: tuple["Part", ...]


@dataclass(frozen=True)
class Repeat:
    """A part so many times; `most` is None where there is no limit."""

    part: "Part"
    fewest: int
    most: int | None


Part = Letter | Chain | Choice | Repeat


def parse_expression(pattern: str, alphabet: str) -> Part:
    """Read a pattern.

    Args:
        pattern: Letters, escapes, `.`, `[…]`, `(…)`, `|`, `*`, `+`, `?`, `{m}`, `{m,}`, `{m,n}`.
        alphabet: The letters that strings consist of.

    Raises:
        PatternError: It is no expression, or not of those that are read here.
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
        # Of classes such as [[a]: they mean what they always did.
        warnings.simplefilter("ignore", FutureWarning)
        return re.compile(pattern)


class _Reader:
    """Reads a pattern from left to right, one method a level of its grammar."""

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
        # To re, x{} and x{,} … the first is no quantifier but two letters.
        if found is None or found[0] == "{}":
            return part
        self._place = found.end()
        if self._next() in ("?", "+") and self._next():
            kind = "lazy" if self._next() == "?" else "possessive"
            raise PatternError(self._place, f"a {kind} quantifier: leave its {self._next()} out")
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
            raise PatternError(start, f"{text!r} stands for no letter of {self._alphabet!r}")
        return Letter(letters)

    def _end_of_letter(self) -> int:
        """Find the end of a letter, an escape or a class."""
        if self._next() == "[":
            # A ] right behind [ or [^ is a letter of the class.
            found = re.compile(r"\[\^?(?:\\.|[^\\])(?:\\.|[^\]\\])*\]", re.DOTALL).match(
                self._pattern, self._place
            )
        else:
            escape = r"\\(?:x..|u.{4}|U.{8}|N\{[^}]*\}|0[0-7]{0,2}|.)|."
            found = re.compile(escape, re.DOTALL).match(self._pattern, self._place)
        return found.end() if found else len(self._pattern)
