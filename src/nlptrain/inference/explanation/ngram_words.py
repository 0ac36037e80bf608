"""The n-grams of a string in plain words: which spoke for the class, and how loudly."""

from nlptrain.inference.explanation.explanation import Explanation
from nlptrain.inference.explanation.ngrams import NGramShare
from nlptrain.inference.explanation.tables import Extent, quote, show_character, signed
from nlptrain.reporting.worked_example import NumberTable, Step

SHOWN = 10


def ngram_steps(explanation: Explanation, extent: Extent) -> list[Step]:
    """List the n-grams that contributed most; nothing without n-grams in the network."""
    if not explanation.file.architecture.tables:
        return []
    label, shares = quote(explanation.label), explanation.ngrams
    largest = sorted(shares, key=lambda share: -abs(share.contribution))
    shown = sorted(largest[: len(shares) if extent.full else SHOWN], key=_falling)
    rows = tuple((_show(explanation, each), signed(each.contribution)) for each in shown)
    return [
        Step(
            "which n-grams spoke for the class",
            "Each n-gram's vector times the slope of the logit there: + speaks for "
            f"{label}, - against it; ⟨ and ⟩ are the ends of the string.",
            (NumberTable(("n-gram", "contribution"), rows),) if rows else (),
            () if rows else ("None of its n-grams is known from training.",),
            f"shown: the {SHOWN} largest of {len(shares):,}; --full shows all"
            if len(shown) < len(shares)
            else "",
        )
    ]


def _falling(share: NGramShare) -> float:
    return -share.contribution


def _show(explanation: Explanation, share: NGramShare) -> str:
    return "".join(map(show_character, explanation.ngram_text(share)))
