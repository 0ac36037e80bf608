"""Which numbers of an explanation are shown as colours, too, and under which names."""

from collections.abc import Sequence

from nlptrain.inference.explanation.explanation import Explanation
from nlptrain.inference.explanation.tables import show_character
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.encoders import AnyEncoder
from nlptrain.reporting.worked_example import HeatMap


def map_positions(
    explanation: Explanation, values: Floats, encoder: AnyEncoder | None = None, name: str = ""
) -> tuple[HeatMap, ...]:
    """Map features (P, F), with the positions from left to right; nothing without a position.

    Args:
        explanation: Whose characters stand above; of a window its middle one.
        values: The features.
        encoder: What has the positions; None for the characters themselves.
        name: Of the only feature, if there is one.
    """
    tokens = _shorten_tokens(explanation)
    names = tokens[: len(values)]
    if encoder is not None:
        windows = [encoder.places(row) for row in range(len(values))]
        middles = [places[(len(places) - 1) // 2] for places in windows]
        names = [tokens[at] if 0 <= at < len(tokens) else "·" for at in middles]
    return map_rows([name] if name else [], values.T, names)


def map_rows(
    names: Sequence[str], rows: Floats, columns: Sequence[str] = ()
) -> tuple[HeatMap, ...]:
    """Map rows (R, F) under their names; nothing without a number."""
    return (HeatMap(tuple(names), tuple(columns), rows),) if rows.size else ()


def _shorten_tokens(explanation: Explanation) -> list[str]:
    """List what the network reads, each as one sign."""
    pairs = zip(explanation.characters, explanation.unknown, strict=True)
    inside = ["�" if unknown else show_character(character) for character, unknown in pairs]
    return ["⟨", *inside, "⟩"] if explanation.has_marks else inside
