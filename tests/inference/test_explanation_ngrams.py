import numpy as np
import pytest

from nlptrain.inference.explanation.explanation import explain
from nlptrain.inference.explanation.wording import write_out
from nlptrain.numpy_nn.encoders import Pooling
from nlptrain.numpy_nn.ngrams import NGrams
from untrained import make_model

BESIDE = NGrams(sizes=(1, 2), dim=3, count=20, hashed=True, vocabulary_size=9)


@pytest.mark.parametrize(
    "kinds",
    [
        {"encoder": BESIDE},
        {"encoder": Pooling(), "ngrams": BESIDE},
        {"encoder": Pooling(), "beside": (BESIDE,)},
    ],
)
def test_ngrams_and_embeddings_and_bias_add_up_to_the_logit(kinds):
    # Nothing but sums lies between them and the logit.
    model = make_model(**kinds, readout="mean")
    for text in ("abcab", "a", ""):
        explanation = explain(model, text)
        bias = explanation.trace.heads[0].bias
        found = explanation.attribution.gradient_times_input.sum()
        # The n-gram of both marks alone has no character.
        found += sum(each.contribution for each in explanation.ngrams) if not text else 0
        expected = explanation.class_logit - bias[explanation.class_index]
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_ngrams_are_listed_with_the_ends_of_the_string():
    explanation = explain(make_model(BESIDE, readout="mean"), "ab")
    names = {explanation.ngram_text(each) for each in explanation.ngrams}
    assert names == {"a", "b", "ab", "⟨a", "b⟩"}
    titles = [each.title for each in write_out(explanation, full=False, source="m").steps]
    assert "which n-grams spoke for the class" in titles
    assert not any("embedding" in title for title in titles)


def test_ngrams_are_listed_with_the_marks_of_the_network():
    table = NGrams(sizes=(1, 2), dim=3, boundaries=False, count=20, hashed=True, vocabulary_size=10)
    explanation = explain(make_model(table, readout="mean", boundaries=True), "ab")
    names = {explanation.ngram_text(each) for each in explanation.ngrams}
    assert names == {"⟨", "a", "b", "⟩", "⟨a", "ab", "b⟩"}
