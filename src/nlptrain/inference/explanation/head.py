"""The last part of an explanation in plain words: from the string's vector to the class."""

from dataclasses import replace

import numpy as np

from nlptrain.inference.explanation.explanation import Explanation
from nlptrain.inference.explanation.heat_maps import map_rows
from nlptrain.inference.explanation.joint import joint_steps
from nlptrain.inference.explanation.tables import (
    Extent,
    matrix_tables,
    number,
    probability,
    quote,
    side_by_side,
)
from nlptrain.inference.explanation.trace import Head
from nlptrain.reporting.formulas import FORMULAS
from nlptrain.reporting.literal import literal
from nlptrain.reporting.worked_example import NumberTable, Step


def head_steps(explanation: Explanation, extent: Extent) -> list[Step]:
    """Describe the hidden layers, the logits, the probabilities and the decision."""
    steps = [*_heads(explanation, extent), *joint_steps(explanation, extent)]
    if len(explanation.logits) == 1:
        return [*steps, _sigmoid(explanation), _threshold(explanation)]
    return [*steps, _softmax(explanation, extent), _most_likely(explanation)]


def _heads(explanation: Explanation, extent: Extent) -> list[Step]:
    """Describe the head; of several, each under its branch's name, and their average."""
    steps: list[Step] = []
    heads = explanation.trace.heads
    for head in heads:
        place = f"head of {_name(explanation, head)}: " if len(heads) > 1 else ""
        own = [*_hidden(explanation, head, extent), _logit(explanation, head, extent)]
        steps += [replace(each, title=f"{place}{each.title}") for each in own]
    return [*steps, _average(explanation, extent)] if len(heads) > 1 else steps


def _name(explanation: Explanation, head: Head) -> str:
    """Name the branch that a head reads."""
    encoders = explanation.file.architecture.encoders
    if head.branch is None:
        return "all branches"
    if head.branch == len(encoders):
        return "the n-grams"
    return f"branch {head.branch + 1}, {encoders[head.branch].type}"


def _average(explanation: Explanation, extent: Extent) -> Step:
    trace, labels = explanation.trace, explanation.file.labels
    rows = [(_name(explanation, head), head.logits) for head in trace.heads]
    rows.append(("mean", trace.logits))
    count = len(trace.logits)
    shown = extent.columns(count)
    header = ["logit"] if count == 1 else [*map(literal, labels[:shown])]
    cells = [(name, [*map(number, logits[:shown].tolist())]) for name, logits in rows]
    return Step(
        f"logits of {len(trace.heads)} heads → their mean",
        "It predicts with the mean of the heads' log-probabilities, made to add up to 1 again.",
        side_by_side("head", header, cells),
        remark=extent.remark(columns=count, of="classes"),
        formula=FORMULAS["average"],
        heat_maps=map_rows([name for name, _ in rows], np.stack([logits for _, logits in rows])),
    )


def _hidden(explanation: Explanation, head: Head, extent: Extent) -> list[Step]:
    activation = explanation.file.architecture.head_activation
    names = ["W x + b", activation]
    return [
        Step(
            f"hidden layer {layer + 1} of the head (1 × {len(after):,})",
            f"W x + b, then {activation} of each number.",
            matrix_tables(names, np.stack([before, after]), extent),
            remark=extent.remark(columns=len(after)),
            formula=FORMULAS["linear"],
            heat_maps=map_rows(names, np.stack([before, after])),
        )
        for layer, (before, after) in enumerate(head.hidden)
    ]


def _logit(explanation: Explanation, head: Head, extent: Extent) -> Step:
    x, weight, bias = head.vector, head.weight, head.bias
    single = len(bias) == 1
    row = 0 if single else explanation.class_index
    product, shift = float((weight[row] * x).sum()), float(bias[row])
    names, numbers = ["x", "w", "w × x"], np.stack([x, weight[row], weight[row] * x])
    name = "logit" if single else f"logit of {quote(explanation.label)}"
    sentence = (
        "Each number of the vector times its weight, summed up, plus the bias: one number; the "
        f"larger it is, the more likely {quote(explanation.file.labels[1])}."
        if single
        else "Each class has its own weights and bias; these are the predicted class's, "
        f"{quote(explanation.label)}."
    )
    return Step(
        f"w·x + b → {'logit' if single else f'{len(bias):,} logits'}",
        sentence,
        matrix_tables(names, numbers, extent),
        (
            f"w·x = the sum of the {len(x):,} products = {number(product)}",
            f"{name} = w·x + b = {number(product)} {'+' if shift >= 0 else '-'} "
            f"{number(abs(shift))} = {number(float(head.logits[row]))}",
        ),
        extent.remark(columns=len(x)),
        formula=FORMULAS["logit"],
        heat_maps=map_rows(names, numbers),
    )


def _sigmoid(explanation: Explanation) -> Step:
    temperature = explanation.file.temperature
    logit = float(explanation.logits[0])
    lines: tuple[str, ...] = ()
    if temperature != 1:
        lines = (
            f"calibrated: logit / temperature = {number(logit)} / {number(temperature)} "
            f"= {number(logit / temperature)}",
        )
        logit /= temperature
    negative, positive = map(literal, explanation.file.labels)
    p_negative, p_positive = map(probability, explanation.probabilities.tolist())
    exponent = number(-logit)
    return Step(
        "logit → probability",
        f"The sigmoid maps the logit to a number between 0 and 1: the probability of "
        f"{quote(explanation.file.labels[1])}.",
        lines=(
            *lines,
            f"P({positive}) = 1 / (1 + e^({exponent})) = {p_positive}",
            f"P({negative}) = 1 - P({positive}) = {p_negative}",
        ),
        formula=FORMULAS["sigmoid_of_logit" if temperature == 1 else "sigmoid_of_calibrated"],
    )


def _threshold(explanation: Explanation) -> Step:
    threshold = explanation.file.threshold
    relation = "is at least" if explanation.class_index == 1 else "is below"
    return Step(
        "probability → class",
        f"At or above the threshold, the class is {quote(explanation.file.labels[1])}; below it, "
        f"{quote(explanation.file.labels[0])}.",
        lines=(
            f"{probability(float(explanation.probabilities[1]))} {relation} {threshold:g}: "
            f"class {explanation.class_index}, {quote(explanation.label)}",
        ),
    )


def _softmax(explanation: Explanation, extent: Extent) -> Step:
    probabilities = explanation.probabilities.tolist()
    shown = extent.positions(len(probabilities))
    logits = explanation.logits.tolist()
    rows = tuple(
        (literal(label), number(logit), probability(share))
        for label, logit, share in zip(
            explanation.file.labels[:shown], logits, probabilities, strict=False
        )
    )
    remark = f"shown: the first {shown} of {len(logits):,} classes; --full shows all"
    temperature = explanation.file.temperature
    sentence, calculation = "The softmax: the probabilities add up to 1.", "e^logit / Σ e^logit"
    if temperature != 1:
        sentence = f"{sentence} The temperature is T = {number(temperature)}."
        calculation = "e^(logit/T) / Σ e^(logit/T)"
    return Step(
        "logits → probabilities",
        sentence,
        (NumberTable(("class", "logit", "probability"), rows),),
        remark=remark if shown < len(logits) else "",
        calculation=calculation,
        formula=FORMULAS["softmax_of_logit" if temperature == 1 else "softmax_of_calibrated"],
    )


def _most_likely(explanation: Explanation) -> Step:
    chosen = float(explanation.probabilities[explanation.class_index])
    return Step(
        "probabilities → class",
        "The most likely class is the prediction.",
        lines=(
            f"{probability(chosen)} is the largest: class {explanation.class_index}, "
            f"{quote(explanation.label)}",
        ),
    )
