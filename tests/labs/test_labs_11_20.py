"""Labs from 11 on run and give the course's numbers; the others are in test_labs.py."""

import runpy
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

LABS = Path(__file__).parents[2] / "labs"

ROUNDING = pytest.approx(0, abs=1e-12)
"""The same sums in float64, rounded in another order: seen are 6e-14 and less, of numbers to 50."""


@pytest.fixture
def run_lab(monkeypatch, tmp_path):
    """Run a lab's main() as its script would, figures in a temporary folder."""
    monkeypatch.syspath_prepend(LABS)
    monkeypatch.setattr(sys, "argv", ["lab", "--output", str(tmp_path)])
    monkeypatch.chdir(tmp_path)

    def run(name):
        numbers = runpy.run_path(str(LABS / f"{name}.py"))["main"]()
        assert (tmp_path / f"{name}.png").stat().st_size > 1000
        return numbers

    return run


def assert_rounding(differences):
    """Assert that there are differences, and that each is rounding alone."""
    assert differences == dict.fromkeys(differences, ROUNDING)
    assert differences


def test_c11_lenet_by_hand_equals_torch_and_reads_digits(run_lab):
    variants = run_lab("11_lenet")
    assert variants["sigmoid"]["parameters"] == 61_706
    assert variants["relu"]["parameters"] == 81_194
    for numbers in variants.values():
        assert numbers["start"] == 0
        # Float64; 20 updates of Adam magnify the rounding of small gradients: seen is 1e-14.
        assert numbers["largest_in_20"] < 1e-10
        assert numbers["by_hand"] >= 0.97
        # One image of 360: float32 may tip one that lies between two classes.
        assert numbers["torch"] == pytest.approx(numbers["by_hand"], abs=1.5 / 360)


def test_c12_adams_are_one_and_all_optimizers_learn(run_lab):
    numbers = run_lab("12_optimizers")
    assert len(numbers["accuracy"]) == 4
    # Each has found a learning rate that serves: chance is 1/11.
    assert min(numbers["accuracy"].values()) > 0.9
    # The notes' Adam and PyTorch's, over 50 steps: rounding of parameters of about 1.
    assert numbers["largest_difference"]["float64"] < 1e-12
    assert numbers["largest_difference"]["float32"] < 1e-4
    assert numbers["accuracy"]["adam"] == pytest.approx(numbers["accuracy"]["adam_by_hand"])
    assert numbers["learning_rate"]["adam"] == numbers["learning_rate"]["adam_by_hand"]


def test_c13_norms_take_the_size_out_and_dropout_keeps_the_mean(run_lab):
    numbers = run_lab("13_normalization_and_dropout")
    # √(gain² / 2) a layer, 30 times: 3e-5 and 3e4, within a factor of 3 for one draw.
    assert 1e-5 < numbers["size"]["small weights"] < 1e-4
    assert 1e4 < numbers["size"]["large weights"] < 1e5
    # ReLU keeps half of the square of a normalized number: √½.
    for norm in ("batch", "layer"):
        assert numbers["size"][f"large, {norm} norm"] == pytest.approx(0.5**0.5, abs=0.05)
    zero = {"batch": "each feature", "layer": "each position", "instance": "each string's feature"}
    assert {norm: numbers["mean"][norm][over] for norm, over in zero.items()} == dict.fromkeys(
        zero, ROUNDING
    )
    assert numbers["mean"]["layer"]["each feature"] > 0.1


def test_c13_dropout_gives_the_notes_numbers(run_lab):
    numbers = run_lab("13_normalization_and_dropout")["numbers"]
    assert (numbers["six"], numbers["nine"]) == (12, pytest.approx(15, rel=1e-15))
    assert numbers["one"] == pytest.approx(1.6667, abs=5e-5)
    # The mean of 20,000 draws of 0 or 12 has a standard error of 0.042; four of them.
    assert numbers["mean_error"] < 0.17
    assert numbers["evaluation_error"] == 0
    # Running statistics of batches of 64 have a standard error of 0.035 here; three of them.
    assert numbers["batch_norm_error"] < 0.12


def test_c14_convolution_is_small_local_and_moves_with_the_image(run_lab):
    numbers = run_lab("14_dense_to_convolution")
    assert numbers["parameters"] == {"dense": 784 * 784 + 784, "convolution": 10}
    assert numbers["changed"] == {"dense": 784, "convolution": 9}
    assert numbers["shift_error"]["convolution"] == 0
    assert numbers["shift_error"]["dense"] > 1
    assert numbers["field"] == {1: 9, 2: 25, 3: 49}
    pooled = list(numbers["pooled"].values())
    assert pooled == sorted(pooled, reverse=True)
    assert pooled[-1] == 0


def test_c15_few_strings_are_learnt_by_heart_and_winners_are_lucky(run_lab):
    numbers = run_lab("15_train_development_test")
    assert numbers["by_heart"]["train_loss"] < 0.05
    # Above log 2, which a coin has, and rising: the surer, the worse.
    assert numbers["by_heart"]["last_loss"] > 1.5 * numbers["by_heart"]["best_loss"]
    few, many = numbers["sizes"][60], numbers["sizes"][1000]
    assert few["train"] > 0.98
    assert few["test"] < 0.7
    assert many["test"] > 0.98
    # The best of ten draws from 40 strings, each with a standard error of 0.08.
    assert numbers["winner"]["validation"] > numbers["winner"]["mean_test"] + 0.05


def test_b1_b7_gradient_and_updates_equal_torch_and_forgetful_adam_does_not(run_lab):
    differences = run_lab("16_gradient_by_hand")
    assert differences.pop("forgetful Adam") > 1e-2
    assert_rounding(differences)


def test_b2_recurrent_states_equal_torch_and_the_course_counts_parameters(run_lab):
    numbers = run_lab("17_recurrent_by_hand")
    assert_rounding(numbers["differences"])
    assert numbers["parameters"] == {"one_bias": 49_280, "two_biases": 49_408}


def test_b3_b4_b5_convolution_and_pooling_equal_torch(run_lab):
    numbers = run_lab("18_convolution_by_hand")
    for group in ("convolution", "options", "pooling"):
        assert_rounding(numbers[group])
    assert numbers["rows"] == {
        "2 × 2 mean, stride 1": [1, 0.5, 0, 0, 0, 0.5, 1],
        "3 × 3 max, padding 1, stride 2": [1, 1, 0, 1],
    }
    assert list(numbers["shapes"].values()) == [(3, 3, 3), (5, 7), (3, 4)]


def test_b6_layers_losses_and_networks_equal_torch(run_lab):
    numbers = run_lab("19_layers_by_hand")
    assert_rounding(numbers["layers"])
    assert_rounding(numbers["losses"])
    # What `verify` itself allows: Adam magnifies rounding where a gradient is nearly zero.
    assert max(numbers["networks"].values()) < 1e-9


def test_a1_to_a7_string_becomes_a_class(run_lab):
    numbers = run_lab("20_string_to_class")
    assert numbers["ids"] == {
        "abcde": [1, 2, 3, 4, 5],
        "ddccb": [4, 4, 3, 3, 2],
        "fedaz": [6, 5, 4, 1, 7],
        "ddcc": [4, 4, 3, 3, 0],
        "abcdea": [1, 2, 3, 4, 5],
    }
    assert numbers["labels"] == {"abcd": "present", "bcde": "absent"}
    assert min(row["whether"] for row in numbers["encoders"].values()) > 0.99
    where = {name: row["where"] for name, row in numbers["encoders"].items()}
    # 2/7 and 6/7 by counting, with the standard error of 1,000 strings (0.014) three times; the
    # CNN may guess some of the middle from its letters.
    assert where["pooling, mean"] == pytest.approx(2 / 7, abs=0.045)
    assert where["pooling, max"] == pytest.approx(2 / 7, abs=0.045)
    assert 6 / 7 - 0.045 < where["CNN, max"] < 0.95
    assert where["RNN, last"] > 0.98
    # Pairs that look alike: one of the two is right, to the last string.
    limits = numbers["limits"]
    assert limits["sorted", "mean pooling"] == 0.5
    assert limits["a before b, 3-grams", "mean pooling"] == 0.5
    assert limits["a before b, 3-grams", "CNN"] == 0.5
    assert min(limits["sorted", "CNN"], limits["sorted", "RNN tanh"]) > 0.95
    assert limits["a before b, 3-grams", "RNN tanh"] > 0.9
    # Counting carries over from 20 letters to 300; what the others learnt instead does not.
    assert (
        numbers["far"]["mean pooling"]
        > 0.95
        > 0.8
        > max(numbers["far"]["CNN"], numbers["far"]["RNN tanh"])
    )
    # The Elman network learns 10 characters and not 80, where chance is 0.5; the GRU both.
    assert numbers["accuracy"]["Elman"][10] > 0.98
    assert numbers["accuracy"]["Elman"][80] < 0.8
    assert numbers["accuracy"]["GRU"][80] > 0.95
    assert numbers["remembered"] > 0.95
    fading = numbers["gradient_80_back"]
    assert fading["Elman"] < 1e-2 * min(fading["LSTM"], fading["GRU"])
