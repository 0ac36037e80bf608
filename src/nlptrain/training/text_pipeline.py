"""How a config's strings become token ids, and what of them is lost."""

from collections.abc import Mapping
from dataclasses import replace

from nlptrain.config.data import DataFile
from nlptrain.config.run import RunConfig
from nlptrain.datasets.examples import Dataset
from nlptrain.files.model_file import TextPipeline
from nlptrain.text.vocabulary import Vocabulary
from nlptrain.training.encoded_split import EncodedSplit


def build_text_pipeline(config: RunConfig, dataset: Dataset) -> TextPipeline:
    """Build the pipeline from strings to token ids, with the training strings' characters."""
    text = config.text
    source = config.data.source
    vocabulary = (
        dataset.stream.vocabulary
        if dataset.stream is not None and text.vocabulary is None
        else Vocabulary.choose(text.vocabulary, dataset.train.texts, text.min_count)
    )
    return TextPipeline(
        vocabulary=replace(vocabulary, boundaries=text.boundaries),
        max_length=text.max_length,
        unicode=text.unicode,
        lowercase=text.lowercase,
        strip=isinstance(source, DataFile) and source.strip,
    )


def describe_text(splits: Mapping[str, EncodedSplit], max_length: int | None) -> list[str]:
    """Describe what of the strings is unknown or was cut off, in sentences for the user."""
    notes = []
    unknown = {name: split.texts.unknown for name, split in splits.items() if split.texts.unknown}
    if unknown:
        where = ", ".join(f"{count:,} in {name}" for name, count in unknown.items())
        notes.append(f"characters not in the vocabulary, read as [unk]: {where}")
    if cut := sum(split.texts.cut for split in splits.values()):
        notes.append(f"{cut:,} strings are longer than {max_length} characters and were cut")
    return notes
