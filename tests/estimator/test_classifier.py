import pickle
import subprocess
import sys
import tempfile
from collections.abc import Mapping

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.metrics import accuracy_score

import nlptrain
from nlptrain import ConfigError, StringClassifier, load
from nlptrain.estimator import classifier as module


@pytest.fixture
def fitted(config, strings):
    return StringClassifier(config).fit(*strings)


def test_fitted_classifier_predicts_labels_of_the_type_of_y(config, strings):
    texts, names = strings
    for labels in (names, names.astype(object), names == "many", np.where(names == "many", 7, -3)):
        fitted = StringClassifier(config).fit(texts, labels)
        assert fitted.classes_.dtype == labels.dtype
        assert fitted.classes_.tolist() == sorted(set(labels.tolist()))
        predicted = fitted.predict(texts)
        assert predicted.dtype == labels.dtype
        assert fitted.score(texts, labels) == accuracy_score(labels, predicted) > 0.8


def test_probabilities_decisions_and_labels_agree(fitted, strings):
    texts, _ = strings
    probabilities, decision = fitted.predict_proba(texts), fitted.decision_function(texts)
    assert probabilities.shape == (len(texts), 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_allclose(
        np.log(probabilities[:, 1] / probabilities[:, 0]), decision, rtol=1e-6
    )
    assert np.array_equal(fitted.predict(texts), fitted.classes_[(decision >= 0).astype(int)])


@pytest.mark.parametrize("loss", ["bce", "cross_entropy"])
def test_decision_has_the_sign_of_the_class_at_another_threshold(config, strings, loss):
    fixed = {"training__threshold": 0.8} if loss == "bce" else {}
    fitted = StringClassifier(config, model__loss=loss, **fixed).fit(*strings)
    is_second = fitted.decision_function(strings[0]) >= 0
    assert np.array_equal(fitted.predict(strings[0]) == fitted.classes_[1], is_second)
    assert 0 < is_second.sum() < len(is_second)


def test_of_three_classes_the_largest_logit_decides(config):
    texts = ["a", "b", "c"] * 20
    fitted = StringClassifier(config).fit(texts, texts)
    decision = fitted.decision_function(texts)
    assert decision.shape == (60, 3)
    assert np.array_equal(fitted.predict(texts), fitted.classes_[decision.argmax(axis=1)])
    assert fitted.score(texts, texts) == 1


def test_equal_fits_are_equal_and_other_random_states_are_not(config, strings):
    def predict(**settings):
        return StringClassifier(config, **settings).fit(*strings).predict_proba(strings[0])

    assert np.array_equal(predict(), predict(random_state=0))
    assert not np.array_equal(predict(), predict(random_state=1))
    first, again = (predict(random_state=np.random.RandomState(3)) for _ in range(2))
    assert np.array_equal(first, again)


def test_settings_are_arguments_that_get_and_set_params_know(config):
    given = StringClassifier(config, training__epochs=3, model__encoder__type="cnn")
    assert given.get_params() == {
        "config": config,
        "validation": 0.1,
        "random_state": None,
        "runs_dir": None,
        "training__epochs": 3,
        "model__encoder__type": "cnn",
    }
    given.set_params(validation=None, optimizer__learning_rate=0.5)
    copied = clone(given)
    assert copied.get_params() == given.get_params()
    assert copied.optimizer__learning_rate == 0.5
    assert "training__epochs=3" in repr(copied)


def test_setting_reaches_the_network(strings):
    settings = {"model__ngrams": None, "model__encoder__hidden_size": np.int64(5)}
    fitted = StringClassifier(training__epochs=1, **settings).fit(*strings)
    assert fitted.model_.file.architecture.encoder.hidden_size == 5
    assert fitted.n_iter_ == 1


def test_another_type_drops_what_only_the_old_one_has(strings):
    settings = {"model__encoder__channels": 3, "model__encoder__type": "cnn", "model__ngrams": None}
    fitted = StringClassifier(training__steps=1, **settings).fit(*strings)
    assert fitted.model_.file.architecture.encoder.channels == 3


@pytest.mark.parametrize("name", ["fly", "modle__encoder", "seed", "data__file__path"])
def test_argument_that_is_no_setting_is_refused(name):
    with pytest.raises(TypeError, match=f"unexpected keyword argument '{name}'"):
        StringClassifier(**{name: 1})
    with pytest.raises(ValueError, match="Invalid parameter"):
        StringClassifier().set_params(**{name: 1})


def test_wrong_setting_is_refused_with_its_name(config, strings):
    with pytest.raises(ConfigError, match="argument training__epochs=0: 0 is less than 1"):
        StringClassifier(config, training__epochs=0).fit(*strings)
    with pytest.raises(ConfigError, match=r"model\.encoder\.hidden_sise: unknown key"):
        StringClassifier({"model": {"encoder": {"hidden_sise": 3}}}).fit(*strings)


def test_equal_strings_stay_on_one_side_of_the_validation(config, monkeypatch):
    seen = []
    train = module.train_in_memory
    monkeypatch.setattr(
        module, "train_in_memory", lambda *given: seen.append(given[1]) or train(*given)
    )
    texts = [f"{number % 20}" for number in range(100)]
    StringClassifier(config, validation=0.3).fit(texts, [int(each) % 2 for each in texts])
    (dataset,) = seen
    assert dataset.sizes == {"train": 70, "validation": 30, "test": 0}
    assert not set(dataset.train.texts) & set(dataset.validation.texts)


def test_other_strings_for_validation_choose_the_epoch(config, strings):
    texts, labels = strings
    other = StringClassifier(config, validation=(texts[:60], labels[:60]))
    assert other.fit(texts[60:], labels[60:]).score(texts[:60], labels[:60]) > 0.8
    with pytest.raises(ValueError, match="validation has labels that y lacks: 'none'"):
        StringClassifier(config, validation=(["a"], ["none"])).fit(texts, labels)


def test_without_validation_the_last_step_is_taken(config, strings):
    last = StringClassifier(config, validation=None).fit(*strings)
    assert last.score(*strings) > 0.8
    with pytest.raises(ConfigError, match="calibration: needs validation strings"):
        StringClassifier(config, validation=None, training__calibration="temperature").fit(*strings)


@pytest.mark.parametrize("validation", [0, 1, 1.5, -0.1])
def test_share_that_is_none_is_refused(config, strings, validation):
    with pytest.raises(ValueError, match="not a share between 0 and 1"):
        StringClassifier(config, validation=validation).fit(*strings)


def test_refit_learns_from_the_validation_strings_too(config, strings):
    again = StringClassifier(config, training__refit=True).fit(*strings)
    assert again.model_.file.refitted
    assert again.score(*strings) > 0.8


def test_pickled_classifier_predicts_the_same_bits(fitted, strings):
    content = pickle.dumps(fitted)
    assert fitted.model_.file.to_bytes() in content
    copied = pickle.loads(content)
    assert np.array_equal(copied.predict_proba(strings[0]), fitted.predict_proba(strings[0]))
    assert pickle.loads(pickle.dumps(StringClassifier())).get_params()["config"] == "own_file"


def test_saved_model_predicts_without_the_classifier(fitted, strings, tmp_path):
    fitted.model_.save(tmp_path / "model.safetensors")
    predictions = load(tmp_path / "model.safetensors").predict(strings[0])
    assert [each.label for each in predictions] == fitted.predict(strings[0]).tolist()


def test_nothing_is_written_unless_asked_for(config, strings, workplace, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(workplace))
    StringClassifier(config).fit(*strings).predict(["a"])
    assert list(workplace.iterdir()) == []


def test_interrupted_fit_leaves_nothing_behind(config, strings, workplace, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(workplace))
    monkeypatch.setattr("nlptrain.training.numpy_learner.NumpyLearner.update", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        StringClassifier(config).fit(*strings)
    assert list(workplace.iterdir()) == []


def _interrupt(*_):
    raise KeyboardInterrupt


def test_folder_that_was_asked_for_has_curves_and_a_model(config, strings, workplace):
    asked = StringClassifier(config, runs_dir="fits", training__refit=True)
    first, second = asked.fit(*strings).run_dir_, asked.fit(*strings).run_dir_
    assert (first.name, second.name) == ("run-001", "run-002")
    found = {path.name.partition(".tfevents")[0] for path in first.iterdir()}
    assert found == {"config.yaml", "metrics.jsonl", "model.safetensors", "events.out"}
    assert load(second / "model.safetensors").file.refitted
    lines = (first / "metrics.jsonl").read_text().splitlines()
    assert '"evaluation"' in lines[0]
    assert '"phase": "refit"' in lines[-1]


@pytest.mark.parametrize(
    ("X", "y", "error", "says"),
    [
        (["a", "b"], ["p"], ValueError, "inconsistent"),
        ([], [], ValueError, "0 sample"),
        (["a", "b"], ["p", "p"], ValueError, "one class: 'p'; two are needed"),
        (["a", None], ["p", "q"], TypeError, r"X\[1\] is None, not a string"),
        (["a", 3.5], ["p", "q"], TypeError, r"X\[1\] is 3.5 \(float\)"),
        ("ab", ["p", "q"], TypeError, "X is a single string"),
        (np.array([["a"], ["b"]]), ["p", "q"], TypeError, r"of shape \(2, 1\), not one column"),
        ({"a", "b"}, ["p", "q"], TypeError, "X is a set, which has no order"),
        (["a", "b"], None, ValueError, "requires y"),
        (["a", "b"], [0.5, 1.5], ValueError, "Unknown label type"),
    ],
)
def test_strings_and_labels_that_cannot_be_learnt_are_refused(config, X, y, error, says):  # noqa: N803
    with pytest.raises(error, match=says):
        StringClassifier(config).fit(X, y)


def test_prediction_refuses_a_table(fitted):
    with pytest.raises(TypeError, match="X is a dict, not one column"):
        fitted.predict({"text": ["a"]})
    assert isinstance(fitted.get_params(), Mapping)


def test_importing_the_package_imports_no_scikit_learn():
    code = "import nlptrain, sys; nlptrain.train; print('sklearn' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"


def test_without_scikit_learn_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(nlptrain.NlptrainError, match=r"pip install 'nlptrain\[sklearn\]'"):
        nlptrain.StringClassifier  # noqa: B018
    assert "StringClassifier" not in dir(nlptrain)


def test_threads_of_the_process_stay_as_they_were(config, strings):
    from threadpoolctl import threadpool_info, threadpool_limits

    with threadpool_limits(2, user_api="blas"):
        StringClassifier(config).fit(*strings)
        found = {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}
    assert found == {2}
