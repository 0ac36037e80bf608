"""An explanation in plain words, step by step, like the course's worked examples."""

import numpy as np

from nlptrain.inference.explanation.explanation import Explanation
from nlptrain.inference.explanation.head import head_steps
from nlptrain.inference.explanation.heat_maps import map_positions
from nlptrain.inference.explanation.layers import (
    feature_steps,
    name_positions,
    shown_characters,
    shown_tokens,
)
from nlptrain.inference.explanation.ngram_words import ngram_steps
from nlptrain.inference.explanation.tables import (
    Extent,
    matrix_remark,
    matrix_tables,
    number,
    numerals,
    probability,
    quote,
    shape,
    show_character,
    side_by_side,
    signed,
)
from nlptrain.reporting.formulas import FORMULAS
from nlptrain.reporting.literal import literal
from nlptrain.reporting.worked_example import CharacterScore, Step, WorkedExample

MEASURES = ("as [unk]", "removed", "gradient × input")


def write_out(explanation: Explanation, *, full: bool, source: str) -> WorkedExample:
    """Describe an explanation step by step, in full or only the first features and positions."""
    extent = Extent(full)
    steps = [_read(explanation, extent)]
    if explanation.file.architecture.has_embedding:
        steps.append(_embed(explanation, extent))
    steps += feature_steps(explanation, extent) + head_steps(explanation, extent)
    steps += ngram_steps(explanation, extent)
    chosen = float(explanation.probabilities[explanation.class_index])
    return WorkedExample(
        text=literal(explanation.text),
        outcome=f"{literal(explanation.label)}, probability {probability(chosen)}",
        steps=(*steps, _matter(explanation, extent)),
        measures=MEASURES,
        scores=_scores(explanation, extent),
        source=literal(source),
    )


def _read(explanation: Explanation, extent: Extent) -> Step:
    ids = explanation.ids.tolist()
    shown = extent.positions(len(ids))
    tokens, marked = shown_tokens(explanation), explanation.has_marks
    characters = [*map(show_character, explanation.characters)]
    rows = [("character", ["", *characters, ""][:shown] if marked else characters[:shown])]
    if any(explanation.unknown) or marked:
        rows.append(("read as", tokens[:shown]))
    rows.append(("token id", list(map(str, ids[:shown]))))
    return Step(
        f"characters → token ids ({len(ids):,})",
        "Each character has its number in the vocabulary of "
        f"{len(explanation.file.text.vocabulary):,}: [pad] is 0, the known characters follow, "
        "[unk] is the last."
        + " [begin] and [end] mark the ends of the string." * explanation.has_marks
        + _name_member(explanation),
        side_by_side("position", numerals(shown), rows),
        tuple(_reading_notes(explanation)),
        extent.remark(positions=len(ids)),
    )


def _reading_notes(explanation: Explanation) -> list[str]:
    notes = []
    read = explanation.characters
    if not read:
        notes.append("The string is empty: there is no character to look up.")
    if explanation.text[: len(read)] != read:
        notes.append(f"As read, after normalization: {literal(read)}")
    if explanation.length_before_cut > len(read):
        notes.append(
            f"The network reads at most {len(read):,} characters: "
            f"{explanation.length_before_cut - len(read):,} at the end are cut off."
        )
    if count := sum(explanation.unknown):
        notes.append(f"Characters not in the vocabulary, read as [unk]: {count:,}")
    return notes


def _embed(explanation: Explanation, extent: Extent) -> Step:
    architecture, rows = explanation.file.architecture, explanation.trace.layers[0].values
    return Step(
        f"token ids → embedding {shape(rows)}",
        "Each token id picks its row of the embedding table "
        f"({architecture.vocabulary_size:,} × {architecture.embedding_dim:,}), which was learned "
        "in training.",
        matrix_tables(name_positions(explanation), rows, extent),
        remark=matrix_remark(rows, extent, of="numbers"),
        formula=FORMULAS["embedding"],
        heat_maps=map_positions(explanation, rows),
    )


def _name_member(explanation: Explanation) -> str:
    members = explanation.file.members
    if members == 1:
        return ""
    return (
        f" {members:,} networks predict together; the numbers from here to their joint logits are "
        "those of member 1."
    )


def _matter(explanation: Explanation, extent: Extent) -> Step:
    title = "which characters mattered most"
    if not explanation.characters:
        return Step(title, "There are no characters: only the biases decide.")
    sentence = (
        f"How far the logit of {quote(explanation.label)}, {number(explanation.class_logit)}, "
        "falls when a character is read as [unk], or removed; and gradient × input, which uses "
        "only the local slope. + (blue) supports the class, - (red) opposes it."
    )
    effects = explanation.attribution.as_unknown
    lines: tuple[str, ...] = ()
    if np.abs(effects).max() > 0:
        place = int(np.abs(effects).argmax())
        lines = (
            f"strongest: {shown_characters(explanation)[place]} at position {place + 1:,}, "
            f"{signed(float(effects[place]))}",
        )
    return Step(title, sentence, lines=lines, remark=extent.remark(positions=len(effects)))


def _scores(explanation: Explanation, extent: Extent) -> tuple[CharacterScore, ...]:
    attribution = explanation.attribution
    measures = (attribution.as_unknown, attribution.removed, attribution.gradient_times_input)
    largest = float(np.abs(attribution.as_unknown).max(initial=0.0))
    scale = largest if np.isfinite(largest) and largest > 0 else np.inf
    strengths = np.nan_to_num(attribution.as_unknown / scale)
    return tuple(
        CharacterScore(
            place + 1,
            show_character(character),
            float(strengths[place]),
            tuple(signed(float(values[place])) for values in measures),
        )
        for place, character in enumerate(
            explanation.characters[: extent.positions(len(explanation.characters))]
        )
    )
