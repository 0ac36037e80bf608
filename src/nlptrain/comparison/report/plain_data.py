"""A comparison's numbers as JSON has them: the same however often it runs."""

import math
from typing import Any

from nlptrain.comparison.results import Results


def timeless_trials(results: Results) -> list[dict[str, Any]]:
    """Convert every trial to plain data, without its seconds."""
    return [
        {key: value for key, value in trial.to_json().items() if key != "seconds"}
        for trial in results.trials
    ]


def finite(value: Any) -> Any:
    """Turn what JSON has no number for into null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(entry) for entry in value]
    return value
