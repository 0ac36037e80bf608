"""Whether a resumed run would see the same examples as before, and what is different."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from nlptrain.config.run import RunConfig
from nlptrain.datasets.build import explain_difference
from nlptrain.datasets.examples import Dataset
from nlptrain.errors import RunFolderError
from nlptrain.files.model_file import ModelFile
from nlptrain.runs.folder import RunFolder
from nlptrain.runs.record import RunRecord
from nlptrain.text.vectors import fingerprint_vectors
from nlptrain.training.text_pipeline import build_text_pipeline

_SHOWN = 10
"""Characters or labels listed of those that are new or gone."""


def compare_data(
    folder: RunFolder, record: RunRecord, config: RunConfig, dataset: Dataset
) -> Iterator[str]:
    """Describe how the examples differ from the run's; nothing if they are the same.

    Args:
        folder: The run, whose model file has the labels and characters.
        record: Its record.
        config: The dataset was built with it.
        dataset: The current data.
    """
    file = config.data.file
    if dataset.fingerprint == record.data_fingerprint:
        return
    name = f"data.file.path {file.path}" if file else "data.task"
    yield (
        f"{name}: different examples, SHA-256 {record.data_fingerprint[:12]}… in the run, "
        f"{dataset.fingerprint[:12]}… now"
    )
    reason = explain_difference(
        config.data, config.text, seed=config.seed, fingerprint=record.data_fingerprint
    )
    if reason is not None:
        yield reason
        return
    for split, size in dataset.sizes.items():
        if record.examples.get(split, size) != size:
            yield f"{split} split: {record.examples[split]:,} strings in the run, {size:,} now"
    # The model file, if there is a valid one, shows more.
    with suppress(RunFolderError):
        model = ModelFile.load(folder.model_path)
        yield from _compare_sets("labels", model.labels, dataset.labels)
        characters = build_text_pipeline(config, dataset).vocabulary.characters
        yield from _compare_sets("vocabulary", model.text.vocabulary.characters, characters)


def compare_vectors(record: RunRecord, config: RunConfig) -> Iterator[str]:
    """Report if the embedding would start from different vectors."""
    before, path = record.vectors_fingerprint, config.model.embedding.vectors
    if before is None or path is None:
        return
    if (now := fingerprint_vectors(Path(path))) != before:
        yield (
            f"model.embedding.vectors {path}: different content, "
            f"SHA-256 {before[:12]}… in the run, {now[:12]}… now"
        )


def _compare_sets(name: str, before: Sequence[str], now: Sequence[str]) -> Iterator[str]:
    for word, some, others in (("gone", before, now), ("new", now, before)):
        names = [repr(each) for each in some if each not in others]
        if names:
            more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
            yield f"{name}: {word}: {', '.join(names[:_SHOWN])}{more}"
