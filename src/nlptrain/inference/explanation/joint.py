"""A step of an explanation in plain words: from the logits of several members to the joint."""

from nlptrain.inference.explanation.explanation import Explanation
from nlptrain.inference.explanation.tables import Extent, number, side_by_side
from nlptrain.reporting.literal import literal
from nlptrain.reporting.worked_example import Step


def joint_steps(explanation: Explanation, extent: Extent) -> list[Step]:
    """Describe the mean over the members; nothing where there is only one."""
    members = explanation.member_logits
    if len(members) == 1:
        return []
    shown, columns = extent.positions(len(members)), extent.columns(members.shape[1])
    rows = [
        *((f"member {place + 1}", members[place]) for place in range(shown)),
        ("mean", explanation.logits),
    ]
    cells = [(name, [number(value) for value in row[:columns].tolist()]) for name, row in rows]
    single = members.shape[1] == 1
    header = (
        ["logit"] if single else [literal(label) for label in explanation.file.labels[:columns]]
    )
    kept = f"shown: the first {shown} of {len(members):,} members; --full shows all"
    remarks = [
        kept if shown < len(members) else "",
        extent.remark(columns=members.shape[1], of="classes"),
    ]
    return [
        Step(
            f"{len(members):,} members → joint {'logit' if single else 'logits'}",
            "The mean of the members' logits. Its probabilities are those whose logarithms are the "
            "mean of the members' log-probabilities, made to add up to 1 again.",
            side_by_side("", header, cells),
            remark="; ".join(filter(None, remarks)),
        )
    ]
