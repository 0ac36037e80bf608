from nlptrain.config.run import RunConfig
from nlptrain.config.summary import summarize


def test_a_summary_names_data_network_optimizer_and_length():
    line = summarize(RunConfig(name="x"))
    assert line == "x: contains_any · rnn (rnn_tanh) · adam, learning rate 0.001 · 10 epochs"


def test_a_summary_of_a_file_and_of_steps():
    data = {"file": {"path": "/a/names.csv"}}
    config = {"data": data, "model": {"encoder": {"type": "cnn"}}, "training": {"steps": 7}}
    line = summarize(RunConfig.model_validate(config))
    assert line == "run: /a/names.csv · cnn · adam, learning rate 0.001 · 7 steps"


def test_a_summary_names_ngrams_and_members():
    model, training = {"encoder": {"type": "pooling"}, "ngrams": {}}, {"members": 3}
    line = summarize(RunConfig.model_validate({"model": model, "training": training}))
    assert "· pooling + ngrams · " in line
    assert line.endswith("· 10 epochs · 3 members")
