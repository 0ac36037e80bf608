"""The examples of a run, from whichever source its config names."""

from collections.abc import Sequence
from dataclasses import replace

from nlptrain.config.data import DataFile, DataSection, SplitFractions, SplitSizes
from nlptrain.config.text import TextSection
from nlptrain.datasets.alike_strings import tell_apart
from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.datasets.labelled_rows import LabelledRows
from nlptrain.datasets.other_lengths import draw_other_lengths
from nlptrain.datasets.streamed_file import build_streamed_dataset
from nlptrain.datasets.user_files import read_files, settle_files
from nlptrain.errors import ConfigError
from nlptrain.tasks.language import Language
from nlptrain.tasks.sampling import Sample, Sampler
from nlptrain.text.normalization import normalize
from nlptrain.text.reading import Reading
from nlptrain.tracking.stage import stage


def build_dataset(
    data: DataSection,
    text: TextSection,
    *,
    seed: int,
    files: dict[int, LabelledRows] | None = None,
) -> Dataset:
    """Read the user's files, or draw a task's strings.

    Args:
        data: The source and its splits.
        text: The settings that decide which strings are the same.
        seed: Decides draws and splits.
        files: The rows of the user's files, where they have been read already.

    Raises:
        DataError: The source cannot give the examples.
        ConfigError: The task's letters or strings would not survive the normalization.
    """
    with stage("building the data"):
        return _build_dataset(data, text, seed, files)


def _build_dataset(
    data: DataSection, text: TextSection, seed: int, files: dict[int, LabelledRows] | None
) -> Dataset:
    source = data.source
    if isinstance(source, DataFile):
        if data.stream:
            return build_streamed_dataset(data, text, seed=seed)
        fractions = data.split or SplitFractions()
        rows = files or read_files(source, text)
        return settle_files(rows, source, fractions, text, seed=seed, folds=data.folds)
    sizes = data.sizes or SplitSizes()
    sampler = Sampler(source, sizes.model_dump(), seed)
    dataset = _draw(source, sampler, text)
    if data.fresh:
        dataset = replace(dataset, fresh=lambda epoch: _take(sampler.fresh(epoch), text))
    if data.evaluate_lengths:
        drawn = draw_other_lengths(source, data.evaluate_lengths, sizes.test, seed=seed)
        _check_spelling(drawn.texts, text)
        dataset = replace(dataset, other_lengths=drawn)
    longest = max(high for _, high in (source.lengths, *data.evaluate_lengths))
    reading = Reading.of(text)
    return dataset if reading.is_whole(source.letters, longest) else tell_apart(dataset, reading)


def explain_difference(
    data: DataSection, text: TextSection, *, seed: int, fingerprint: str
) -> str | None:
    """Describe a run that began with strings that read alike in several splits, as in 0.1.0.

    Args:
        data: The source and its splits.
        text: How strings are read.
        seed: Decides draws and splits.
        fingerprint: Of the run's examples.

    Returns:
        Why the examples are others now; None where that is not the reason.
    """
    apart = text.model_copy(update={"max_length": None, "vocabulary": None})
    if apart == text or build_dataset(data, apart, seed=seed).fingerprint != fingerprint:
        return None
    return (
        f"the data is the same, but strings that differ only {Reading.of(text).describe()} count "
        "as one now; when the run began they stood in several splits, which are not drawn again"
    )


def _draw(task: Language, sampler: Sampler, text: TextSection) -> Dataset:
    _check_spelling(list(task.letters), text)
    sample = sampler.splits()
    train, validation, test = (
        _take(sample.splits[name], text) for name in ("train", "validation", "test")
    )
    return Dataset(train, validation, test, labels=task.labels(), notes=sample.notes)


def _take(sample: Sample, text: TextSection) -> Examples:
    # Letters that stay alone may still join their neighbours, as combining marks do.
    _check_spelling(sample.texts, text)
    return Examples(sample.texts, sample.classes)


def _check_spelling(texts: Sequence[str], text: TextSection) -> None:
    """Refuse letters or strings that the normalization changes: their class could change too."""
    for before, after in zip(texts, normalize(texts, text.unicode, text.lowercase), strict=True):
        if before != after:
            raise ConfigError(
                f"data.task.alphabet: {before!r} becomes {after!r} by text.unicode and "
                "text.lowercase, and strings of different classes could become the same; "
                "give letters that stay as they are"
            )
