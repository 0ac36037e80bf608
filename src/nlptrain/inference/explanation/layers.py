"""The middle of an explanation in plain words: from the embeddings to one vector per string."""

from dataclasses import replace

from nlptrain.inference.explanation.explanation import Explanation
from nlptrain.inference.explanation.heat_maps import map_positions, map_rows
from nlptrain.inference.explanation.tables import (
    Extent,
    matrix_remark,
    matrix_tables,
    number,
    numerals,
    shape,
    show_character,
    side_by_side,
)
from nlptrain.inference.explanation.trace import ReadOut
from nlptrain.numpy_nn.arrays import Floats
from nlptrain.numpy_nn.encoders import AnyEncoder
from nlptrain.numpy_nn.layer import Words
from nlptrain.numpy_nn.ngrams import NGrams
from nlptrain.numpy_nn.readout import Readout
from nlptrain.numpy_nn.step import branch_of
from nlptrain.reporting.worked_example import NumberTable, Step

UNKNOWN = "[unk]"


def feature_steps(explanation: Explanation, extent: Extent) -> list[Step]:
    """Describe the layers up to the readout, except those with nothing to show."""
    steps: list[Step] = []
    for step, values in explanation.trace.layers:
        branch = branch_of(step.name)
        encoder = explanation.file.architecture.encoders[branch or 0]
        own: list[Step] = []
        if isinstance(step.layer, Readout):
            parts = [each for each in explanation.trace.readouts if each.name == step.name]
            own = [_read_out(each, encoder, explanation, extent) for each in parts]
        elif isinstance(step.layer, NGrams):
            own = [_ngram_step(step.layer.words, values, extent)]
        elif step.per_position and step.layer.words is not None:
            own = [_matrix_step(step.layer.words, values, encoder, explanation, extent)]
        place = "" if branch is None else f"branch {branch + 1}, {encoder.type}: "
        steps += [replace(each, title=f"{place}{each.title}") for each in own]
    return steps


def _matrix_step(
    words: Words, values: Floats, encoder: AnyEncoder, explanation: Explanation, extent: Extent
) -> Step:
    nothing = ("The string is too short for the kernel's window.",) if not len(values) else ()
    return Step(
        f"{words.title} {shape(values)}",
        words.sentence,
        matrix_tables(name_windows(explanation, encoder, len(values)), values, extent),
        nothing if len(explanation.ids) else (),
        matrix_remark(values, extent),
        words.calculation,
        words.formula,
        map_positions(explanation, values, encoder),
    )


def _ngram_step(words: Words, vector: Floats, extent: Extent) -> Step:
    return Step(
        f"{words.title} (1 × {len(vector):,})",
        words.sentence,
        matrix_tables(["n-grams"], vector[None], extent),
        remark=extent.remark(columns=len(vector)),
        formula=words.formula,
        heat_maps=map_rows([], vector[None]),
    )


def _read_out(
    read_out: ReadOut, encoder: AnyEncoder, explanation: Explanation, extent: Extent
) -> Step:
    vector, rows, words = read_out.vector, read_out.rows, read_out.readout.words
    name, count = words.title, len(rows)
    remarks = [extent.remark(columns=len(vector))]
    tables, maps = _vector_tables(read_out, extent), map_rows([name], vector[None])
    if read_out.shares is not None and count:
        names = name_windows(explanation, encoder, count)
        tables = (*matrix_tables(names, read_out.shares[:, None], extent, "share"), *tables)
        maps = (*map_positions(explanation, read_out.shares[:, None], encoder, "share"), *maps)
        remarks.insert(0, extent.remark(positions=count))
    return Step(
        f"{name} over the positions → one vector (1 × {len(vector):,})",
        words.sentence.format(rows=f"{count:,} row{'s' if count > 1 else ''}")
        if count
        else "There are no positions to read out, so the string's vector is all zeros.",
        tables,
        remark="; ".join(filter(None, remarks)),
        formula=words.formula if count else "",
        heat_maps=maps,
    )


def _vector_tables(read_out: ReadOut, extent: Extent) -> tuple[NumberTable, ...]:
    """Show a string's vector, and for a maximum also where each number is from."""
    name, vector = read_out.readout.words.title, read_out.vector
    places = read_out.readout.origins(read_out.rows)
    if places is None:
        return matrix_tables([name], vector[None], extent)
    shown = extent.columns(len(vector))
    cells = [number(value) for value in vector[:shown].tolist()]
    origins = [str(place + 1) for place in places[:shown].tolist()]
    return side_by_side("", numerals(shown), [(name, cells), ("from row", origins)])


def shown_tokens(explanation: Explanation) -> list[str]:
    """List what the network reads: the characters, and the marks around them, if any."""
    characters = shown_characters(explanation)
    return ["[begin]", *characters, "[end]"] if explanation.has_marks else characters


def shown_characters(explanation: Explanation) -> list[str]:
    """List the characters as the network reads them."""
    pairs = zip(explanation.characters, explanation.unknown, strict=True)
    return [UNKNOWN if unknown else show_character(character) for character, unknown in pairs]


def name_positions(explanation: Explanation) -> list[str]:
    """Name the rows: position and character."""
    return [f"{place + 1} {token}" for place, token in enumerate(shown_tokens(explanation))]


def name_windows(explanation: Explanation, encoder: AnyEncoder, count: int) -> list[str]:
    """Name the rows of the features: number, and the characters that the encoder sees there."""
    tokens, names = shown_tokens(explanation), []
    for row in range(count):
        seen = (tokens[at] if 0 <= at < len(tokens) else "·" for at in encoder.places(row))
        names.append(f"{row + 1} {''.join(seen)}")
    return names
