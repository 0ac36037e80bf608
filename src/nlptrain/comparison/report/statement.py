"""A sentence of a report about its protocol, and the words that several of them share."""

from dataclasses import dataclass

from nlptrain.comparison.results import Protocol


@dataclass(frozen=True)
class Statement:
    """One rule.

    Attributes:
        id: Short and lasting: what a test of the rule is found by.
        text: A sentence.
    """

    id: str
    text: str


def name_tried(protocol: Protocol) -> str:
    """Name what is tried: a setting is a learning rate with values of other settings."""
    return "setting" if protocol.tunes_more else "learning rate"


def count(number: int, noun: str) -> str:
    """Write a number with its noun: `1 seed`, `7 seeds`."""
    return f"{number} {noun}{'s' * (number != 1)}"


def list_seeds(seeds: tuple[int, ...]) -> str:
    """Write seeds: `3`, `0, 7, 9`, or as a range where they are one."""
    if len(seeds) > 2 and list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return f"{seeds[0]} to {seeds[-1]}"
    return ", ".join(map(str, seeds))
