from pathlib import Path

import pytest

from nlptrain.files.storage import read_json

TWO = "comparison.optimizers=[{type: sgd}, {type: adam, learning_rate: 0.01}]"
WORDS = ("--trials", "2", "--seeds", "2", "--jobs", "1")


@pytest.fixture
def compare(cli, tiny, monkeypatch):
    """Compare two optimizers in this process, without figures; whoever needs those says so."""

    def run(*arguments, figures=False, words=WORDS):
        if not figures:
            monkeypatch.setattr("nlptrain.comparison.report.write.draw_figures", lambda results: {})
        return cli("compare-optimizers", "rnn", *tiny, "--set", TWO, *words, *arguments)

    return run


def rows(out):
    return [line.split() for line in out.splitlines()]


def numbers(folder):
    return read_json(Path(folder) / "comparison.json")


def test_comparison_shows_a_ranking_an_answer_and_where_the_rest_is(compare):
    code, out, err = compare(figures=True)
    table, sentences, places = out.split("\n\n")
    assert code == 0
    assert {row[1] for row in rows(table)[2:]} == {"sgd", "adam"}
    too_few = "With 2 seeds, no difference between 2 contestants can be told from chance"
    assert sentences.startswith(too_few)
    paths = {row[0]: row[-1] for row in rows(places)}
    assert paths.keys() == {"report", "numbers", "trials", "curves"}
    assert all(Path(path).exists() for path in paths.values())
    assert list(Path(paths["report"]).parent.glob("*.svg"))
    assert err.startswith("engine: ")
    assert err.index(too_few) < err.index("tuning: ")


@pytest.mark.parametrize(
    ("option", "start"), [("--csv", "rank,contestant,"), ("--markdown", "| rank | contestant |")]
)
def test_table_to_paste_is_all_that_stands_on_standard_output(compare, option, start):
    _, out, err = compare(option)
    assert out.startswith(start)
    lines = out.splitlines()
    assert len(lines) == 3 + (option == "--markdown")
    assert {len(line) for line in lines} == {len(lines[0])} or option == "--csv"
    assert "final: 4 of 4 trials" in err


def test_progress_off_a_terminal_is_a_few_lines(compare):
    lines = compare("--set", "comparison.max_widenings=0").err.splitlines()
    assert "tuning: 0 of 4 trials" in lines
    assert "tuning: 4 of 4 trials" in lines
    assert lines[-1] == "final: 4 of 4 trials"
    assert "\x1b" not in "".join(lines)


def test_colours_go_to_a_terminal_alone(compare, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TTY_INTERACTIVE", "1")
    assert "\x1b" in compare().err


def test_quiet_comparison_prints_its_result_and_the_engine(compare):
    code, out, err = compare("--quiet", "--output", "elsewhere")
    assert code == 0
    assert "elsewhere/report.html" in out
    assert "trials" not in err


def test_options_are_what_the_config_would_say(compare):
    compare("--trials", "3", "--seeds", "1", "--set", "comparison.tuning_seeds=2", "--output", "o")
    protocol = numbers("o")["protocol"]
    assert [len(each["grid"]) for each in protocol["contestants"]] == [3, 3]
    assert (protocol["tuning_seeds"], protocol["final_seeds"]) == ([0, 1], [2])


def test_optimizers_by_name_take_the_place_of_the_configs(compare):
    names = ("sgd", "momentum", "nesterov", "adam")
    options = [word for name in names for word in ("--optimizer", name)]
    assert compare(*options, "--trials", "1", "--output", "o").code == 0
    contestants = numbers("o")["protocol"]["contestants"]
    settings = [each["settings"]["optimizer"] for each in contestants]
    assert [each["type"] for each in settings] == ["sgd", "sgd", "sgd", "adam"]
    assert [each.get("momentum") for each in settings] == [0.0, 0.9, 0.9, None]
    assert [each.get("nesterov") for each in settings] == [False, False, True, None]


def test_one_trial_means_no_tuning(compare):
    compare("--trials", "1", "--output", "o")
    found = numbers("o")
    assert "no-tuning" in found["rules"]
    assert {trial["stage"] for trial in found["trials"]} == {"final"}


def test_twins_of_adam_train_once_by_hand_and_it_says_so(compare):
    twins = ("--optimizer", "adam", "--optimizer", "adam_by_hand", "--trials", "1")
    _, out, err = compare(*twins, "--set", "engine=numpy")
    assert "adam = adam_by_hand" in out
    assert "adam and adam_by_hand: the same code in this engine, so trained only once; --set" in err


def test_each_optimizer_by_hand_trains_beside_torchs_own(compare):
    kinds = ("sgd", "adamw", "rmsprop", "adagrad")
    names = [name for kind in kinds for name in (kind, f"{kind}_by_hand")]
    options = [word for name in names for word in ("--optimizer", name)]
    _, _, err = compare(*options, "--trials", "1", "--set", "engine=torch", "--output", "o")
    assert "one code" not in err
    found = {trial["contestant"]: trial["test_loss"] for trial in numbers("o")["trials"]}
    for kind in kinds:
        assert found[f"{kind}_by_hand"] == pytest.approx(found[kind], rel=1e-4)


def test_config_without_a_name_is_the_packaged_one(cli, tiny, monkeypatch):
    monkeypatch.setattr("nlptrain.comparison.report.write.draw_figures", lambda results: {})
    settings = ("--set", "training.epochs=1", "--trials", "1", "--seeds", "1", "--jobs", "1")
    code, out, _ = cli("compare-optimizers", *tiny, *settings)
    assert code == 0
    assert "comparisons/compare-optimizers-001/report.html" in out


def test_called_again_it_trains_nothing_and_says_the_same(compare):
    first = compare()
    folder = Path("comparisons/compare-rnn-001")
    before = (folder / "comparison.json").read_bytes()
    again = compare()
    assert again.out == first.out
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert "tuning: 0 of" not in again.err
    assert (folder / "comparison.json").read_bytes() == before


def test_comparison_lies_where_it_is_told_by_either_name(compare):
    for option, place in (("--comparisons-dir", "here"), ("--runs-dir", "there")):
        assert f"{place}/compare-rnn-001/report.html" in compare(option, place).out


def test_folder_of_another_comparison_is_one_message(compare):
    compare("--output", "o")
    code, out, err = compare("--output", "o", "--seeds", "3", "--quiet")
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith("o: holds a comparison of another protocol, which dif")
    assert "final_seeds ([1, 2] there, [1, 2, 3] now); give another --output" in err


def test_trials_are_no_runs(compare, cli):
    compare("--quiet")
    assert cli("runs").out == ""
    assert cli("predict", "abcd").code == 1


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--optimizer", "adma"), "--optimizer adma: not one of sgd, momentum"),
        (("--trials", "0"), "--trials"),
        (("--seeds", "0"), "--seeds"),
        (("--jobs", "0"), "--jobs"),
        (
            ("--jobs", "2", "--scheduler", "tcp://host:1"),
            "--jobs cannot be combined with --scheduler",
        ),
        (("--csv", "--markdown"), "--csv cannot be combined with --markdown"),
    ],
)
def test_option_that_cannot_be_is_a_usage_error(compare, arguments, problem):
    code, out, err = compare(*arguments)
    assert (code, out) == (2, "")
    assert problem in " ".join(err.replace("│", " ").split())
    assert not Path("comparisons").exists()


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("comparison.trials=100", "100 is greater than 99"),
        ("comparison.optimizers=[]", "the list is empty"),
        ("comparison.optimizers=[{type: adma}]", "'adma' is not one of"),
        ("comparison.target_accuracy=1.5", "1.5 is greater than 1"),
        ("comparison.tuning_seeds=0", "0 is less than 1"),
        ("comparison.max_widenings=-1", "-1 is less than 0"),
    ],
)
def test_setting_that_cannot_be_is_the_configs_error(compare, setting, problem):
    code, out, err = compare("--set", setting, words=())
    assert (code, out) == (1, "")
    assert problem in err
    assert not Path("comparisons").exists()


def test_scheduler_that_is_not_there_is_one_message(compare, monkeypatch):
    monkeypatch.setattr("nlptrain.workers.cluster.CONNECTING", 0.5)
    words = ("--quiet", "--scheduler", "tcp://127.0.0.1:1")
    code, out, err = compare(*words, words=WORDS[:4])
    assert (code, out) == (1, "")
    assert err.splitlines()[-1].startswith("--scheduler tcp://127.0.0.1:1: no Dask scheduler answ")


def test_ctrl_c_keeps_what_has_finished(compare, monkeypatch):
    from nlptrain.comparison import run as comparison

    run, calls = comparison.run_trials, iter(range(2))

    def interrupt(group):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return run(group)

    with monkeypatch.context() as patch:
        patch.setattr(comparison, "run_trials", interrupt)
        code, out, err = compare("--set", "engine=torch")
    assert (code, out) == (130, "")
    assert err.endswith(
        "interrupted; finished trials are kept, and the same command resumes the comparison\n"
    )
    kept = Path("comparisons/compare-rnn-001/trials.jsonl").read_bytes()
    assert kept.count(b"\n") == 2
    compare("--set", "engine=torch")
    assert Path("comparisons/compare-rnn-001/trials.jsonl").read_bytes().startswith(kept)
