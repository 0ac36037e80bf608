"""A run whose config or strings were given in Python."""

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nlptrain.config.load import load_config
from nlptrain.datasets.given_file import write_given
from nlptrain.errors import DataError
from nlptrain.reporting.audience import Audience
from nlptrain.training.outcome import Outcome
from nlptrain.training.run import start


def start_from_python(
    config: str | os.PathLike[str] | Mapping[str, Any],
    texts: Iterable[str] | None,
    labels: Iterable[Any] | None,
    *,
    overrides: Sequence[str],
    runs_dir: Path,
    audience: Audience,
    baseline: bool,
) -> Outcome:
    """Train a new run: what `nlptrain.train` says."""
    if (texts is None) != (labels is None):
        raise TypeError("train() takes texts and labels together, or neither")
    source = config if isinstance(config, Mapping) else os.fspath(config)
    with ExitStack() as opened:
        file = None
        if texts is not None and labels is not None:
            folder = opened.enter_context(TemporaryDirectory(prefix="nlptrain-"))
            file = write_given(texts, labels, Path(folder))
        loaded = load_config(source, overrides, data_file=file)
        for sentence in loaded.notes:
            audience.tell(sentence)
        try:
            return start(
                loaded.config,
                runs_dir=runs_dir,
                command=_describe_call(source, file is not None, overrides),
                audience=audience,
                baseline=baseline,
                given_file=file,
            )
        except DataError as error:
            if file is None:
                raise
            # Nobody knows the file by its name.
            raise DataError(str(error).replace(str(file), "texts")) from error


def _describe_call(source: object, has_texts: bool, overrides: Sequence[str]) -> str:
    shown = "{…}" if isinstance(source, Mapping) else repr(source)
    given = ", texts=…, labels=…" if has_texts else ""
    return f"nlptrain.train({shown}{given}, overrides={list(overrides)!r})"
