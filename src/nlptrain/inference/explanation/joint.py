"""A step of an explanation in plain words: from the logits of several members to the joint."""

import numpy as np

from nlptrain.inference.explanation.explanation import Explanation
from nlptrain.inference.explanation.heat_maps import map_rows
from nlptrain.inference.explanation.tables import Extent, number, numerals, side_by_side
from nlptrain.reporting.formulas import FORMULAS
from nlptrain.reporting.literal import literal
from nlptrain.reporting.worked_example import Step


def joint_steps(explanation: Explanation, extent: Extent) -> list[Step]:
    """Describe the mean over the members; nothing where there is only one."""
    members, joint = explanation.member_logits, explanation.logits
    if len(members) == 1:
        return []
    shown, classes = extent.columns(len(members)), extent.positions(len(joint))
    single = len(joint) == 1
    names = ["logit"] if single else [literal(label) for label in explanation.file.labels[:classes]]
    rows = [
        (name, [number(value) for value in (*members[:shown, place], joint[place])])
        for place, name in enumerate(names)
    ]
    kept = f"shown: the first {classes} of {len(joint):,} classes; --full shows all"
    remarks = [
        extent.remark(columns=len(members), of="members"),
        kept if classes < len(joint) else "",
    ]
    return [
        Step(
            f"{len(members):,} members → joint {'logit' if single else 'logits'}",
            "The mean of the members' logits. Its probabilities are those whose logarithms are the "
            "mean of the members' log-probabilities, made to add up to 1 again.",
            side_by_side("member", [*numerals(shown), "mean"], rows),
            remark="; ".join(filter(None, remarks)),
            formula=FORMULAS["average"],
            heat_maps=map_rows(
                [*numerals(len(members)), "mean"], np.concatenate([members, joint[None]])
            ),
        )
    ]
