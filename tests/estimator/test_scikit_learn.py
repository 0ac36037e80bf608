"""What scikit-learn asks of an estimator, and what it does with one."""

import warnings

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.exceptions import SkipTestWarning
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import check_estimator

from nlptrain import StringClassifier
from string_rows import OnRows

DOES_NOT_APPLY = {
    "check_do_not_raise_errors_in_init_or_set_params": "takes **settings for an argument",
    "check_sample_weight_equivalence_on_dense_data": "more strings make other batches",
}
"""Checks that fail, and why; docs/python.md says more."""


def test_checks_of_scikit_learn_pass_but_for_those_that_do_not_apply(config):
    exact = {"training": {"epochs": 10, "batch_size": 8, "dtype": "float64"}}
    faster = {"optimizer": {"learning_rate": 0.1}}
    estimator = OnRows(config | exact | faster)
    results = check_estimator(
        estimator, expected_failed_checks=DOES_NOT_APPLY, on_fail=None, on_skip=None
    )
    found = {}
    for each in results:
        found.setdefault(each["status"], {})[each["check_name"]] = repr(each["exception"])
    assert not found.get("failed"), found["failed"]
    assert found["xfail"].keys() == DOES_NOT_APPLY.keys()
    assert len(found["passed"]) >= 40


def test_strings_are_what_it_is_for(config):
    with pytest.warns(SkipTestWarning, match="string=True"):
        check_estimator(StringClassifier(config))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert clone(StringClassifier(config)).__sklearn_tags__().target_tags.required


def test_cross_validation_and_a_pipeline_score_it(config, strings):
    lower = FunctionTransformer(lambda texts: [text.lower() for text in texts])
    pipeline = make_pipeline(lower, StringClassifier(config))
    scores = cross_val_score(pipeline, *strings, cv=3)
    assert scores.shape == (3,)
    assert scores.mean() > 0.8
    pipeline.set_params(stringclassifier__training__epochs=2)
    assert pipeline.fit(*strings)[-1].n_iter_ == 2


def test_grid_search_varies_settings_in_several_processes(config, strings):
    grid = {"model__embedding__dim": [1, 6], "optimizer__learning_rate": np.logspace(-3, -1, 2)}
    search = GridSearchCV(StringClassifier(config), grid, cv=2, n_jobs=2, error_score="raise")
    search.fit(*strings)
    assert len(set(search.cv_results_["mean_test_score"])) > 1
    dim = search.best_estimator_.model_.file.architecture.embedding_dim
    assert dim == search.best_params_["model__embedding__dim"]
    assert search.score(*strings) > 0.8


def test_grid_search_passes_weights_on(config, strings):
    search = GridSearchCV(StringClassifier(config), {"training__epochs": [1]}, cv=2)
    weights = np.where(strings[1] == "many", 1.0, 0.0)
    with pytest.raises(ValueError, match="one class: 'many' of positive weight"):
        search.set_params(error_score="raise").fit(*strings, sample_weight=weights)


@pytest.mark.parametrize("method", ["sigmoid", "isotonic"])
def test_calibration_keeps_its_order(config, strings, method):
    texts, labels = strings
    calibrated = CalibratedClassifierCV(StringClassifier(config), method=method, cv=2)
    probabilities = calibrated.fit(texts, labels).predict_proba(texts)
    assert calibrated.classes_.tolist() == ["few", "many"]
    assert np.mean(probabilities.argmax(axis=1) == (labels == "many")) > 0.8
