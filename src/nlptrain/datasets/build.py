"""The examples of a run, from whichever source its config names."""

from dataclasses import replace

from nlptrain.config.data import DataFile, DataSection, SplitFractions, SplitSizes
from nlptrain.config.text import TextSection
from nlptrain.datasets.examples import Dataset, Examples
from nlptrain.datasets.other_lengths import draw_other_lengths
from nlptrain.datasets.user_files import read_dataset
from nlptrain.errors import ConfigError
from nlptrain.tasks.language import Language
from nlptrain.tasks.sampling import Sample, Sampler
from nlptrain.text.normalization import normalize


def build_dataset(data: DataSection, text: TextSection, *, seed: int) -> Dataset:
    """Read the user's files, or draw a task's strings.

    Args:
        data: The source and its splits.
        text: The normalization that decides which strings are the same.
        seed: Decides draws and splits.

    Raises:
        DataError: The source cannot give the examples.
        ConfigError: The task's letters or strings would not survive the normalization.
    """
    source = data.source
    if isinstance(source, DataFile):
        fractions = data.split or SplitFractions()
        return read_dataset(source, fractions, text, seed=seed, folds=data.folds)
    sizes = data.sizes or SplitSizes()
    sampler = Sampler(source, sizes.model_dump(), seed)
    dataset = _draw(source, sampler, text)
    if data.fresh:
        dataset = replace(dataset, fresh=lambda epoch: _take(sampler.fresh(epoch), text))
    if data.evaluate_lengths:
        drawn = draw_other_lengths(source, data.evaluate_lengths, sizes.test, seed=seed)
        _check_spelling(drawn.texts, text)
        dataset = replace(dataset, other_lengths=drawn)
    return dataset


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


def _check_spelling(texts: list[str], text: TextSection) -> None:
    """Refuse letters or strings that the normalization changes: their class could change too."""
    for before, after in zip(texts, normalize(texts, text.unicode, text.lowercase), strict=True):
        if before != after:
            raise ConfigError(
                f"data.task.alphabet: {before!r} becomes {after!r} by text.unicode and "
                "text.lowercase, and strings of different classes could become the same; "
                "give letters that stay as they are"
            )
