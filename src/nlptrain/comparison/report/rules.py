"""The rules of a comparison in plain sentences, each made from the protocol's own numbers.

A report that states more than the code does is worse than none: for each statement's id there is
a test that fails where the code does otherwise.
"""

from nlptrain.comparison.report.statement import Statement, count, list_seeds, name_tried
from nlptrain.comparison.report.tuning_rules import tuning_rules
from nlptrain.comparison.report.verdict_rules import verdict_rules
from nlptrain.comparison.results import Protocol

_READING = {"data", "text", "seed"}
_SHAPING = {"model", *_READING}


def protocol_statements(protocol: Protocol) -> list[Statement]:
    """State every rule of the comparison, in the order in which it happens."""
    return [
        *_sameness(protocol),
        *tuning_rules(protocol),
        *_final(protocol),
        *verdict_rules(protocol),
    ]


def _sameness(protocol: Protocol) -> list[Statement]:
    """State what all trials share, as far as no contestant sets it."""
    paths = [path for each in protocol.contestants for path in each.settings]
    # A schedule changes how far each step goes, and nothing that is seen.
    varied = {path.split(".")[0] for path in paths if not path.startswith("training.schedule")}
    networks = ", as far as their networks have the same shapes" * bool(varied & _SHAPING)
    settings = ", as far as their own settings do not say otherwise" * bool(varied - {"optimizer"})
    data = ", as far as its contestant's settings do not say otherwise" * bool(varied & _READING)
    return [
        Statement(
            "same-start",
            "At a seed, every trial starts from the same initial parameters, whatever its "
            f"contestant and {name_tried(protocol)}{networks}.",
        ),
        Statement(
            "same-batches",
            "At a seed, all trials see the same batches in the same order, with the same dropout"
            f"{settings}.",
        ),
        Statement(
            "same-data",
            "The training, validation and test examples are the same for every trial; "
            f"a trial's seed does not change them{data}.",
        ),
    ]


def _name_tested(protocol: Protocol) -> str:
    shared = protocol.config.get("training", {}).get("refit", False)
    refits = {each.settings.get("training.refit", shared) for each in protocol.contestants}
    best = "the network of its best validation evaluation"
    refitted = (
        "a network trained anew on the training and validation examples, for as many epochs as "
        "the best validation evaluation came after"
    )
    if refits == {True}:
        return refitted
    return f"{best} or, with training.refit, {refitted}" if True in refits else best


def _final(protocol: Protocol) -> list[Statement]:
    seeds = f"{count(len(protocol.final_seeds), 'seed')} ({list_seeds(protocol.final_seeds)})"
    fresh = "; none of them was used for tuning" if protocol.tuning_seeds else ""
    chosen = f" at its chosen {name_tried(protocol)}" if protocol.tuning_seeds else ""
    read = ", after all tuning," if protocol.tuning_seeds else ""
    return [
        Statement(
            "final-seeds",
            f"What is reported comes from training each contestant{chosen} on {seeds}{fresh}.",
        ),
        Statement(
            "test-read-once",
            f"The test split is read once a final trial{read} by {_name_tested(protocol)}; "
            "nothing is chosen by it.",
        ),
        Statement(
            "target-fixed",
            f"The target, a validation accuracy of {100 * protocol.target_accuracy:.4g} %, was "
            "fixed before anything was trained. A trial reaches it at its first evaluation with "
            "at least that accuracy.",
        ),
    ]
