from nlptrain.comparison.encoders.csv_rows import MATRIX_HEADER, matrix_csv
from nlptrain.comparison.encoders.matrix import build_matrix


def test_each_cell_and_each_set_of_lengths_has_a_row(results, grid):
    rows = [
        dict(zip(MATRIX_HEADER, row, strict=True))
        for row in matrix_csv(build_matrix(results, grid), grid)
    ]
    own, others = rows[:4], rows[4:]
    assert [(row["encoder"], row["verdict"]) for row in own] == [
        ("pooling", "cannot"),
        ("RNN", "sometimes"),
        ("pooling", "learnt"),
        ("RNN", "partly"),
    ]
    assert (own[1]["test_accuracy_mean"], own[1]["test_accuracy_best"]) == (0.9, 1.0)
    assert (own[3]["diverged"], own[3]["trials"], own[3]["test_accuracy_lowest"]) == (1, 2, None)
    assert [(row["lengths"], row["seen_in_training"]) for row in others] == [
        ("41–100", "no"),
        ("41–100", "no"),
        ("201–300", "no"),
        ("201–300", "no"),
    ]
    assert [row["test_accuracy_mean"] for row in others] == [1.0, 0.7, 0.98, 0.6]
