import pytest

from nlptrain.comparison.figures.scores import draw_scores, final_score


@pytest.mark.parametrize(
    ("split", "measure", "score"),
    [
        ("validation", "accuracy", 75),
        ("validation", "loss", 0.25),
        ("test", "accuracy", 62.5),
        ("test", "loss", 0.5),
    ],
)
def test_score_is_of_the_best_evaluation(make_trial, split, measure, score):
    trial = make_trial("sgd", 0, [0.5, 0.75, 0.6], test_accuracy=0.625, test_loss=0.5)
    assert final_score(trial, split, measure) == score


def test_every_seed_is_a_dot_beside_their_mean(make_duel, figures):
    draw_scores(make_duel(sgd=[0.75, 1.0, 0.5], adam=[1.0, 1.0, 1.0]), "test")
    axes = figures[0].axes[0]
    assert axes.get_xlabel() == "test accuracy (%)"
    sgd, mean, adam, *_ = axes.lines
    assert list(adam.get_xdata()) == [100, 100, 100]
    assert list(sgd.get_xdata()) == [75, 100, 50]
    assert list(mean.get_xdata()) == [75]


def test_no_accuracy_above_100_percent_has_a_place(make_duel, figures):
    draw_scores(make_duel(sgd=[0.9, 1.0], adam=[1.0, 1.0]), "test")
    assert 100 < figures[0].axes[0].get_xlim()[1] < 101


def test_diverged_trials_are_counted_beside_the_name(make_trial, make_results, figures):
    trials = [make_trial("sgd", 0, [0.5]), make_trial("sgd", 1, [0.9], diverged=True)]
    draw_scores(make_results(trials), "test")
    (label,) = figures[0].axes[0].get_yticklabels()
    assert label.get_text() == "sgd\n1 of 2 diverged"
    assert list(figures[0].axes[0].lines[0].get_xdata()) == [50]


@pytest.mark.parametrize(("score", "lines"), [(0.4, 1), (0.6, 0)])
def test_most_frequent_class_is_a_line_where_someone_is_no_better(make_duel, figures, score, lines):
    draw_scores(make_duel(sgd=[score]), "test")
    dotted = [line for line in figures[0].axes[0].lines if line.get_linestyle() == ":"]
    assert [line.get_xdata()[0] for line in dotted] == [50] * lines
