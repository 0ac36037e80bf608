"""The rules of compare-encoders in plain sentences, each made from the protocol's own numbers."""

from nlptrain.comparison.encoders.matrix import FALSE_ALARM, GUESSING
from nlptrain.comparison.report.rules import protocol_statements
from nlptrain.comparison.report.statement import Statement
from nlptrain.comparison.results import Protocol
from nlptrain.comparison.statistics.sign_flips import ERROR

_ABOUT_RANKING = {
    "target-fixed",
    "misses-counted",
    "early-scores",
    "diverged-counted",
    "ranges",
    "compared-by",
    "failures-count",
    "differences-paired",
    "family",
    "negligible",
    "ranking",
}
"""Rules of comparisons that end with a ranking."""


def matrix_statements(protocol: Protocol) -> list[Statement]:
    """State every rule of the matrix, in the order in which it happens."""
    shared = [s for s in protocol_statements(protocol) if s.id not in _ABOUT_RANKING]
    return [*shared, *_own(protocol)]


def _own(protocol: Protocol) -> list[Statement]:
    target = f"{100 * protocol.target_accuracy:.4g} %"
    rate = "; the learning rate is tuned for each cell" if protocol.tuning_seeds else ""
    return [
        Statement(
            "one-setting",
            "On a task, every encoder is trained with the same optimizer, steps and batch size"
            f"{rate}. The embedding before the encoder and the head behind it are alike.",
        ),
        Statement(
            "cell",
            "A cell is the mean test accuracy over the seeds that did not diverge; those that did "
            "are counted and shown.",
        ),
        Statement(
            "verdicts",
            f"A task is learnt where every seed scores {target} or more, sometimes learnt where "
            "some do; a seed that diverged does not. It is learnt in part where the mean is more "
            "than guessing, right as often as the most frequent class is there, reaches in any "
            f"cell of the matrix in {GUESSING:.0%} of such matrices; else it is no better than "
            "chance.",
        ),
        Statement(
            "alone",
            "One encoder is said to be the only one that learnt a task where it did on every seed "
            "and no other did on any, with so many seeds that of two encoders that learn equally "
            f"often this is said, for any task, in at most {ERROR:.0%} of matrices.",
        ),
        Statement(
            "other-lengths",
            f"At lengths that training never saw, a learnt task carries over where the mean is "
            f"{target} or more.",
        ),
        Statement(
            "ceilings",
            "A cell cannot be learnt by construction where strings come in pairs of both classes "
            "with the same k-grams and the same first and last k − 1 letters (k = 1: the same "
            "letters), and the encoder sees at most k letters at a time, at stride 1, and reads "
            "out mean or maximum: it gives both strings of a pair the same logits, and is right "
            "on exactly one.",
        ),
        Statement(
            "ceiling-check",
            "Two things are checked: that every test string has its match, counted; and that each "
            "score with an exact ceiling is 50 %. A score counts as off where guessing would be as "
            f"far off, for any score of the matrix, in fewer than {FALSE_ALARM:.0%} of matrices "
            "(binomial, divided by the number of scores). That is a bug in data or network.",
        ),
    ]
