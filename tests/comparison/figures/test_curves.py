import pytest

from nlptrain.comparison.figures.curves import draw_curves, line_up


def test_trials_are_lined_up_as_far_as_all_got(make_trial):
    trials = [make_trial("sgd", 0, [0.5, 0.25, 0.75]), make_trial("sgd", 1, [1.0, 0.5])]
    steps, values = line_up(trials, "validation_losses")
    assert steps == [10, 20]
    assert values.tolist() == [[0.5, 0.75], [0.0, 0.5]]


def test_line_is_the_mean_and_the_band_reaches_from_lowest_to_highest(
    make_trial, make_results, figures
):
    draw_curves(
        make_results([make_trial("sgd", 0, [0.5, 0.75]), make_trial("sgd", 1, [0.25, 0.5])])
    )
    axes = figures[0].axes[1]
    assert axes.lines[0].get_ydata().tolist() == [0.625, 0.375]
    corners = {tuple(corner) for corner in axes.collections[0].get_paths()[0].vertices.tolist()}
    assert corners == {(10, 0.5), (10, 0.75), (20, 0.25), (20, 0.5)}


def test_diverged_trial_is_a_line_of_its_own_to_a_cross(make_trial, make_results, figures):
    trials = [make_trial("sgd", 0, [0.5, 0.75])]
    trials.append(make_trial("sgd", 1, [0.5], validation_losses=(0.375,), diverged=True))
    draw_curves(make_results(trials))
    mean, thin, _, cross = figures[0].axes[1].lines
    assert mean.get_ydata().tolist() == [0.5, 0.25]
    assert list(thin.get_ydata()) == [0.375]
    assert (cross.get_marker(), *cross.get_xydata()[0]) == ("x", 10, 0.375)


@pytest.mark.parametrize("losses", [(1e9,), ()])
def test_diverged_trial_out_of_the_picture_is_marked_at_its_edge(
    make_trial, make_results, figures, losses
):
    scores = [0.5] * len(losses)
    diverged = make_trial("sgd", 1, scores, validation_losses=losses, diverged=True)
    draw_curves(make_results([make_trial("sgd", 0, [0.5, 0.75]), diverged]))
    axes = figures[0].axes[1]
    assert axes.get_ylim()[1] < 1
    assert axes.lines[-1].get_ydata()[0] == axes.get_ylim()[1]
