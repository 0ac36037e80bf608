import numpy as np

from nlptrain.datasets.examples import Examples
from nlptrain.evaluation.linear_baseline import draw
from nlptrain.evaluation.shallow_models import MOST_TEST, score_shallow_models


def examples(texts, classes):
    return Examples(list(texts), np.array(classes))


def scores_of(make, strings=400):
    """Score the shallow models on strings and classes that a function draws."""
    generator = np.random.default_rng(1)
    drawn = [make(generator) for _ in range(2 * strings)]
    texts, classes = zip(*drawn, strict=True)
    train = examples(texts[:strings], classes[:strings])
    test = examples(texts[strings:], classes[strings:])
    return {score.features: score for score in score_shallow_models(train, test, test, 2)}


def spell(generator, length=8):
    return "".join(generator.choice(list("abcd"), length))


def test_noise_is_not_learnt_by_any():
    scores = scores_of(lambda generator: (spell(generator), int(generator.integers(2))))
    assert not any(score.beats_chance for score in scores.values())


def test_a_class_that_is_the_length_is_found_by_the_length():
    def make(generator):
        length = int(generator.integers(4, 12))
        return spell(generator, length), length % 2

    scores = scores_of(make)
    assert scores["length"].accuracy == 1
    assert not scores["letter set"].beats_chance


def test_a_class_that_is_the_order_of_two_letters_needs_bigrams():
    def make(generator):
        class_index = int(generator.integers(2))
        place = int(generator.integers(7))
        text = "c" * place + ("ab", "ba")[class_index] + "c" * (6 - place)
        return text, class_index

    scores = scores_of(make)
    assert not scores["letter counts"].beats_chance
    assert scores["bigrams"].accuracy == 1


def test_chance_is_the_majority_of_the_test_strings():
    train, test = examples("aab", [0, 0, 1]), examples("abcd", [0, 1, 1, 1])
    assert {score.chance for score in score_shallow_models(train, test, test, 2)} == {0.75}


def test_large_splits_are_drawn_from_and_long_strings_count_by_characters():
    texts = [str(number) for number in range(MOST_TEST + 1)]
    drawn = draw(examples(texts, np.arange(len(texts))), MOST_TEST, 10**6, seed=0)
    assert len(drawn) == MOST_TEST
    assert [int(text) for text in drawn.texts] == drawn.classes.tolist()
    long = examples(["a" * 900_000] * 5, [0] * 5)
    assert len(draw(long, MOST_TEST, 2_000_000, seed=0)) == 2
