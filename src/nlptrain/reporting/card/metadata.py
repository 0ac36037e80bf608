"""The head of a card: the metadata that the Hugging Face Hub reads, in YAML.

Its fields: https://huggingface.co/docs/hub/model-cards#model-card-metadata. The language is left
out, as nobody has said it, and the licence is for the author to name.
"""

from typing import Any

from nlptrain.reporting.card.facts import Facts

TASK = "text-classification"


def build_metadata(card: Facts) -> dict[str, Any]:
    """Build the metadata of a card."""
    metadata: dict[str, Any] = {
        "license": "unknown",
        "library_name": "nlptrain",
        "pipeline_tag": TASK,
        "tags": ["nlptrain", "character-level", *card["network"]["encoder"].split(" + ")],
    }
    scores = card["scores"]
    if scores is None:
        return metadata
    name = card["data"]["name"]
    result = {
        "task": {"type": TASK},
        "dataset": {"type": name, "name": name, "split": "test"},
        "metrics": [
            {"type": "accuracy", "name": "Accuracy", "value": scores["accuracy"]},
            {"type": "f1", "name": "Macro F1", "value": scores["macro_f1"]},
        ],
    }
    return metadata | {
        "metrics": ["accuracy", "f1"],
        "model-index": [{"name": card["name"], "results": [result]}],
    }
