from nlptrain.comparison.protocol.flat_settings import flatten_settings


def test_settings_stand_by_their_path():
    settings = {"optimizer": {"type": "sgd", "nesterov": True}, "seed": 3}
    assert dict(flatten_settings(settings)) == {
        "optimizer.type": "sgd",
        "optimizer.nesterov": True,
        "seed": 3,
    }


def test_lists_are_text_and_null_is_left_out():
    settings = {"betas": (0.9, 0.999), "patience": None}
    assert dict(flatten_settings(settings)) == {"betas": "0.9, 0.999"}
