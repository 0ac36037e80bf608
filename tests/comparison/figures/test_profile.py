from nlptrain.comparison.figures.profile import draw_profile


def test_staircase_rises_where_a_seed_reaches_the_target(make_trial, make_results, figures):
    # fast: 10 steps at both seeds; slow: 20, and never.
    trials = [make_trial("fast", seed, [0.95]) for seed in (0, 1)]
    trials += [make_trial("slow", 0, [0.5, 0.95]), make_trial("slow", 1, [0.5])]
    draw_profile(make_results(trials))
    fast, slow = figures[0].axes[0].lines
    assert fast.get_ydata()[0] == 100 - 0.25  # drawn a little apart
    assert list(slow.get_xdata())[:2] == [1, 2]
    assert list(slow.get_ydata()) == [0.25, 50.25, 50.25]
