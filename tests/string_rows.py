"""A classifier of strings that takes rows of numbers, for checks that know no others."""

import numpy as np
from sklearn.utils.validation import check_is_fitted, validate_data

from nlptrain import StringClassifier


class OnRows(StringClassifier):
    """Writes rows of numbers as strings, and refuses what every classifier of such refuses."""

    def fit(self, X, y, sample_weight=None):  # noqa: N803
        X, y = validate_data(self, X, y)  # noqa: N806
        return super().fit(self._spell(X), y, sample_weight)

    def _logits(self, X):  # noqa: N803
        check_is_fitted(self)
        return super()._logits(self._spell(validate_data(self, X, reset=False)))

    def _spell(self, X):  # noqa: N803
        """Write each number as a letter of its column, the larger the later."""
        letters = np.clip(np.round(2 * np.asarray(X, float)), -100, 100).astype(int) + 100
        columns = 0x4E00 + 201 * np.arange(letters.shape[1])
        return ["".join(map(chr, row)) for row in (letters + columns).tolist()]

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = tags.input_tags.string = False
        tags.input_tags.two_d_array = True
        return tags
