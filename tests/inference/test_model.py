import numpy as np
import pytest

from nlptrain.errors import RunFolderError
from nlptrain.inference.model import load

STRINGS = ["abcd", "", "j", "bcde" * 20, "x?é", "\ud800", "\0", "abcd"]


@pytest.fixture(scope="module")
def model(finished_run):
    return load(finished_run)


def test_prediction_says_text_label_and_probabilities(model):
    (prediction,) = model.predict(["abcd"])
    assert prediction.text == "abcd"
    assert prediction.probabilities.keys() == {"absent", "present"}
    assert prediction.probability == max(prediction.probabilities.values())
    assert prediction.probability == prediction.probabilities[prediction.label]
    assert sum(prediction.probabilities.values()) == pytest.approx(1)


def test_no_strings_have_no_predictions(model):
    assert model.predict([]) == []


def test_company_and_order_change_no_prediction(model):
    together = model.predict(STRINGS)
    assert [prediction.text for prediction in together] == STRINGS
    for prediction in together:
        (alone,) = model.predict([prediction.text])
        assert alone.label == prediction.label
        assert alone.probability == pytest.approx(prediction.probability, abs=1e-6)


def test_strings_of_many_batches_stay_in_order(model):
    texts = ["abcdefghij"[: length % 11] * (length % 7) for length in range(5000)]
    expected = np.array([model.decide([text]).probabilities[0] for text in texts[:50]])
    np.testing.assert_allclose(model.decide(texts).probabilities[:50], expected, atol=1e-6)


def test_string_longer_than_a_batch_is_predicted(model):
    assert len(model.predict(["b" * 50_000, "a"])) == 2


def test_unknown_characters_are_counted(model):
    assert model.decide(["abc", "x?", "z"]).unknown == 3


def test_one_string_is_not_taken_for_its_characters(model):
    with pytest.raises(TypeError, match=r"a list of them: \['abcd'\]"):
        model.predict("abcd")


def test_numpy_and_torch_agree_on_a_saved_network(model):
    import torch

    from nlptrain.torch_nn.classifier import Classifier

    network = Classifier(model.file.architecture).eval()
    network.load_arrays(model.file.arrays)
    encoded = model.file.text.encode(STRINGS)
    ids, lengths = encoded.batch(np.arange(len(STRINGS)))
    with torch.inference_mode():
        expected = network(torch.from_numpy(ids), torch.from_numpy(lengths), padded=True)
    np.testing.assert_allclose(model.logits(encoded), expected.numpy(), atol=1e-5)


def test_network_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RunFolderError, match="no finished run"):
        load(runs_dir=tmp_path)
