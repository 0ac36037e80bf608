"""Every number between one string and its class, and which characters mattered."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from nlptrain.evaluation.decision import apply_temperature, choose_classes, compute_probabilities
from nlptrain.files.model_file import ModelFile, TextPipeline
from nlptrain.inference.explanation.attribution import Attribution, attribute, class_logits
from nlptrain.inference.explanation.ngrams import NGramShare, contributions
from nlptrain.inference.explanation.trace import Head, Trace, trace
from nlptrain.inference.model import Model
from nlptrain.numpy_nn.arrays import Floats, Ids
from nlptrain.numpy_nn.members import join_logits
from nlptrain.text.normalization import normalize


@dataclass(frozen=True, eq=False)
class Explanation:
    """The path of one string through a network.

    Attributes:
        file: The network and its text pipeline.
        text: The string, as given.
        characters: The string as read: normalized and cut.
        length_before_cut: Number of characters before cutting.
        ids: Token ids (T,), with the marks of the string's ends, if the network reads them.
        trace: The values between the layers; of several members, those of the first.
        member_logits: The logits of each member (M, 1 or C).
        probabilities: Of each class (C,).
        class_index: The predicted class.
        attribution: The contribution of each character, without marks, to that class's logit.
        ngrams: That of each n-gram, the largest first; empty without n-grams.
    """

    file: ModelFile
    text: str
    characters: str
    length_before_cut: int
    ids: Ids
    trace: Trace
    member_logits: Floats
    probabilities: Floats
    class_index: int
    attribution: Attribution
    ngrams: tuple[NGramShare, ...]

    @property
    def label(self) -> str:
        """The predicted class's name."""
        return self.file.labels[self.class_index]

    @property
    def logits(self) -> Floats:
        """The logits that predict, of all members together: (1,) or (C,)."""
        return join_logits(self.member_logits)

    @property
    def class_logit(self) -> float:
        """The predicted class's logit; with one logit z, −z for class 0."""
        return float(class_logits(self.logits[None], self.class_index)[0])

    @property
    def has_marks(self) -> bool:
        """Whether the network reads marks around the characters."""
        return self.file.text.vocabulary.boundaries

    @property
    def unknown(self) -> list[bool]:
        """Whether each character is unknown to the vocabulary."""
        unk_id = self.file.text.vocabulary.unk_id
        return [token_id == unk_id for token_id in self.ids[self.file.text.inside].tolist()]

    def ngram_text(self, share: NGramShare) -> str:
        """Return an n-gram's characters, ⟨ and ⟩ being the ends of the string."""
        marked = f"⟨⟨{self.characters}⟩⟩"
        begin = 2 - self.has_marks
        return "".join(marked[begin + place] for place in share.places)

    def max_positions(self, start: str = "") -> Ids | None:
        """Return the position of each feature's maximum (F,), the first among equals.

        The readout's name begins with `start`, in a network of several branches.

        None if no maximum is read out, or there is no position.
        """
        found = (each.readout.origins(each.rows) for each in self.trace.read_out(start))
        return next((places for places in found if places is not None), None)

    def attention(self, start: str = "") -> Floats | None:
        """Return the attention to each position (P,); None if the network has none."""
        found = (each.shares for each in self.trace.read_out(start))
        return next((shares for shares in found if shares is not None), None)

    def _branch_to_json(self, start: str) -> dict[str, Any]:
        maxima = self.max_positions(start)
        return {
            "features": self.trace.find(f"{start}encoder"),
            "normalized": self.trace.find(f"{start}normalization"),
            "activated": self.trace.find(f"{start}activation"),
            "readout": self.trace.find(f"{start}readout"),
            "readout_positions": None if maxima is None else maxima + 1,
            "attention": self.attention(start),
        }

    def _repr_html_(self) -> str:
        from nlptrain.inference.explanation.wording import write_out
        from nlptrain.reporting.pages.explanation import render_page
        from nlptrain.reporting.pages.notebook import frame_page

        return frame_page(render_page(write_out(self, full=False, source="")), self.text)

    def to_json(self) -> dict[str, Any]:
        """Convert everything to plain values; numbers that are not finite become null."""
        over_all, *own = self.trace.heads
        architecture = self.file.architecture
        branches = architecture.encoders if architecture.beside else ()
        values = {
            "text": self.text,
            "characters": list(self.characters),
            "unknown": self.unknown,
            "length_before_cut": self.length_before_cut,
            "token_ids": self.ids,
            "network": architecture.to_json(),
            "embedding": self.trace.find("embedding"),
            **self._branch_to_json(""),
            "branches": [
                {"encoder": encoder.type, **self._branch_to_json(f"branches.{number}.")}
                for number, encoder in enumerate(branches)
            ],
            "joined": self.trace.find("join"),
            **{f"head_{key}": value for key, value in _head_to_json(over_all).items()},
            **({"member_logits": self.member_logits} if self.file.members > 1 else {}),
            "logits": self.logits,
            "probabilities": dict(zip(self.file.labels, self.probabilities, strict=True)),
            "threshold": self.file.threshold if len(self.logits) == 1 else None,
            "temperature": self.file.temperature,
            "class": self.class_index,
            "label": self.label,
            "class_logit": self.class_logit,
            "attribution": asdict(self.attribution),
        }
        if self.ngrams:
            values["ngrams"] = [
                {"text": self.ngram_text(each), "contribution": each.contribution}
                for each in self.ngrams
            ]
        if own:
            values["heads"] = [
                {"branch": each.branch, **_head_to_json(each), "logits": each.logits}
                for each in self.trace.heads
            ]
        plain: dict[str, Any] = _to_plain(values)
        return plain


def explain(model: Model, text: str) -> Explanation:
    """Trace one string through a network.

    Args:
        model: The network.
        text: Any string: it may be empty, long, or have unknown characters.
    """
    file = model.file
    whole = read_text(file.text, text)
    encoded = file.text.encode_normalized([whole])
    first, *others = model.network.networks
    batch = encoded.batch(np.array([0]))
    values = trace(first, *batch)
    member_logits = np.stack([values.logits, *(other.logits(*batch)[0] for other in others)])
    joint = join_logits(member_logits)
    logits = apply_temperature(joint[None], file.temperature)
    class_index = int(choose_classes(logits, file.threshold)[0])
    ngrams = contributions(model, encoded.ids, class_index)
    return Explanation(
        file=file,
        text=text,
        characters=whole[: int(encoded.lengths[0]) - file.text.vocabulary.num_marks],
        length_before_cut=len(whole),
        ids=encoded.ids,
        trace=values,
        member_logits=member_logits,
        # More digits than a prediction needs: 0.9999999967 is more informative than 1.
        probabilities=compute_probabilities(logits.astype(np.float64))[0],
        class_index=class_index,
        attribution=attribute(model, encoded.ids, class_index, ngrams),
        ngrams=ngrams,
    )


def read_text(pipeline: TextPipeline, text: str) -> str:
    """Normalize a string as the pipeline does before looking up characters."""
    normalized = normalize([text], pipeline.unicode, pipeline.lowercase)[0]
    return normalized.strip() if pipeline.strip else normalized


def _head_to_json(head: Head) -> dict[str, Any]:
    return {
        "hidden": [{"before": before, "after": after} for before, after in head.hidden],
        "weight": head.weight,
        "bias": head.bias,
    }


def _to_plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: _to_plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(entry) for entry in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value
