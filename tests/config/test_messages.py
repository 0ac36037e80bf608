import pytest

from every_kind import ENCODER_TYPES, NORMALIZATIONS, OPTIMIZER_TYPES

ENCODERS, OPTIMIZERS = ", ".join(ENCODER_TYPES), ", ".join(OPTIMIZER_TYPES)

CASES = [
    (
        "optimizer:\n  learning_rate: -0.1\n",
        "c.yaml:2:18: optimizer.learning_rate: -0.1 is not greater than 0",
        "allowed: number > 0. Step size.",
    ),
    (
        "model:\n  encoder: {type: lstmm}\n",
        f"c.yaml:2:19: model.encoder.type: 'lstmm' is not one of {ENCODERS}",
        "",
    ),
    (
        "model: {encoder: {type: Rnn}}\n",
        f"c.yaml:1:25: model.encoder.type: 'Rnn' is not one of {ENCODERS}",
        "did you mean 'rnn'?",
    ),
    (
        "model: {encoder: {type: null}}\n",
        f"c.yaml:1:25: model.encoder.type: null is not one of {ENCODERS}",
        "",
    ),
    (
        "data: {file: {path: x.csv}, fresh: true}\n",
        "c.yaml:1:36: data.fresh: fresh requires a task; the strings of a file are fixed",
        "",
    ),
    (
        "data: {task: {type: parity, negatives: bag}}\n",
        "c.yaml:1:40: data.task.negatives: 'bag' is not one of uniform, near",
        "",
    ),
    ("modle: {}\n", "c.yaml:1:1: modle: unknown key", "did you mean 'model'?"),
    (
        "model: {hidden_size: 3}\n",
        "c.yaml:1:9: model.hidden_size: unknown key",
        "did you mean model.encoder.hidden_size?",
    ),
    (
        "model: {hiddn_size: 3}\n",
        "c.yaml:1:9: model.hiddn_size: unknown key",
        "did you mean model.encoder.hidden_size?",
    ),
    (
        "model: {type: cnn}\n",
        "c.yaml:1:9: model.type: unknown key",
        "did you mean model.encoder.type?",
    ),
    (
        "model: {encoder: {type: cnn, cell: lstm}}\n",
        "c.yaml:1:30: model.encoder.cell: unknown key",
        "'cell' belongs to type rnn",
    ),
    (
        "model:\n  encoder:\n    type: cnn\n    cell: lstm\n",
        "c.yaml:4:5: model.encoder.cell: unknown key",
        "allowed in model.encoder: type, channels, kernel_sizes, stride, dilation, padding",
    ),
    ("'<x>': 1\n", "c.yaml:1:1: <x>: unknown key", "allowed at the top level: name, seed,"),
    ("model:\nseed: 1\n", "c.yaml:1:1: model: is empty", "add keys"),
    (
        "model: {head: }\n",
        "c.yaml:1:9: model.head: is empty",
        "add keys",
    ),
    (
        "model: {encoder: }\n",
        "c.yaml:1:9: model.encoder: is null, and so is model.encoders; give one of the two",
        "1 error",
    ),
    (
        "model: {encoder: {}, encoders: [{type: cnn}, {type: rnn}]}\n",
        "c.yaml:1:32: model.encoders: excludes model.encoder; remove one of the two, or set it to "
        "null",
        "1 error",
    ),
    (
        "model: {encoders: [{type: cnn}]}\n",
        "c.yaml:1:19: model.encoders: the list has 1 entry",
        "allowed: list of: section, 2 or more or null.",
    ),
    (
        "model: {readout: [mean, max, mean]}\n",
        "c.yaml:1:18: model.readout: mean is named more than once; name each once; found a list",
        "allowed: mean, max, last, attention or list of: mean, max, last or attention, not empty.",
    ),
    (
        "model: {encoder: rnn}\n",
        "c.yaml:1:18: model.encoder: 'rnn' is not a section",
        "write {type: rnn}",
    ),
    (
        "optimizer: [adam]\n",
        "c.yaml:1:12: optimizer: a list is not a section",
        f"its type is one of {OPTIMIZERS}",
    ),
    (
        "text: 3\n",
        "c.yaml:1:7: text: 3 is not a section",
        "allowed in text: max_length, unicode, lowercase, min_count, boundaries, vocabulary",
    ),
    ("seed: [1]\n", "c.yaml:1:7: seed: a list is not a whole number", "allowed: whole number ≥ 0"),
    ('seed: "3"\n', "c.yaml:1:7: seed: '3' is not a whole number", "write 3 without quotes"),
    ("seed: 3.0\n", "c.yaml:1:7: seed: 3.0 is not a whole number", "write 3"),
    ("seed: 1_000\n", "c.yaml:1:7: seed: '1_000' is not a whole number", "write 1000"),
    ("seed: 0x10\n", "c.yaml:1:7: seed: '0x10' is not a whole number", "write 16"),
    ("seed: 010\n", "c.yaml:1:7: seed: '010' is not a whole number", "write 10"),
    ("seed:\n", "c.yaml:1:1: seed: null is not a whole number", "omit the key"),
    ("seed: yes\n", "c.yaml:1:7: seed: 'yes' is not a whole number", ""),
    ("seed: true\n", "c.yaml:1:7: seed: true is not a whole number", ""),
    ("seed: 4294967296\n", "c.yaml:1:7: seed: 4294967296 is not less than 4294967296", ""),
    (
        "model: {dropout: '0,5'}\n",
        "c.yaml:1:18: model.dropout: '0,5' is not a number",
        "write 0.5",
    ),
    (
        "model: {dropout: .nan}\n",
        "c.yaml:1:18: model.dropout: .nan is not a finite number",
        "",
    ),
    (
        "logging: {tensorboard: yes}\n",
        "c.yaml:1:24: logging.tensorboard: 'yes' is not true or false",
        "write true",
    ),
    (
        "logging: {tensorboard: Off}\n",
        "c.yaml:1:24: logging.tensorboard: 'Off' is not true or false",
        "write false",
    ),
    (
        "logging: {tensorboard: 0}\n",
        "c.yaml:1:24: logging.tensorboard: 0 is not true or false",
        "write false",
    ),
    (
        "logging: {tensorboard: 'true'}\n",
        "c.yaml:1:24: logging.tensorboard: 'true' is not true or false",
        "write true without quotes",
    ),
    ("name: 12\n", "c.yaml:1:7: name: 12 is not text", "quote it: '12'"),
    ("name: true\n", "c.yaml:1:7: name: true is not text", "quote it: 'true'"),
    ("name: ~\n", "c.yaml:1:7: name: null is not text", "quote it: 'null'"),
    ("name: my run\n", "c.yaml:1:7: name: 'my run' is not a valid name", "letters, digits"),
    ("device: gpu\n", "c.yaml:1:9: device: 'gpu' is not a valid device", "cuda:N"),
    (
        "model: {normalization: null}\n",
        f"c.yaml:1:24: model.normalization: null is not one of {', '.join(NORMALIZATIONS)}",
        "did you mean 'none'?",
    ),
    (
        "text: {unicode: nfkc}\n",
        "c.yaml:1:17: text.unicode: 'nfkc' is not one of none, NFC, NFD, NFKC, NFKD",
        "did you mean 'NFKC'?",
    ),
    (
        "model: {head: {hidden_sizes: 3}}\n",
        "c.yaml:1:30: model.head.hidden_sizes: 3 is not a list",
        "write [3]",
    ),
    (
        "model: {head: {hidden_sizes: [4, 0]}}\n",
        "c.yaml:1:34: model.head.hidden_sizes.1: 0 is less than 1",
        "allowed: list of: whole number ≥ 1",
    ),
    (
        "optimizer: {betas: [0.9]}\n",
        "c.yaml:1:20: optimizer.betas: the list has 1 entry, not 2",
        "",
    ),
    ("optimizer: {betas: []}\n", "c.yaml:1:20: optimizer.betas: the list is empty", ""),
    (
        "data: {file: {text: name}}\n",
        "c.yaml:1:8: data.file.path: is missing",
        "allowed: text (not empty)",
    ),
    (
        "data: {file: {path: x, text: 1.5}}\n",
        "c.yaml:1:30: data.file.text: expected a column's name, or its number from 0; found 1.5",
        "",
    ),
    (
        "data: {file: {path: x, delimiter: ';;'}}\n",
        "c.yaml:1:35: data.file.delimiter: ';;' is 2 characters long",
        "allowed: text (1 character) or null",
    ),
    (
        "data:\n  task: {characters: z}\n",
        "c.yaml:2:22: data.task.characters: 'z' is not in the alphabet 'abcdefghij'",
        "",
    ),
    (
        "data: {task: {}, file: {path: x}}\n",
        "c.yaml:1:24: data.file: give either a task or a file, not both; remove data.task",
        "",
    ),
    (
        "comparison:\n  optimizers:\n  - type: sgd\n    learning_rate: 0\n",
        "c.yaml:4:20: comparison.optimizers.0.learning_rate: 0 is not greater than 0",
        "allowed: number > 0",
    ),
    (
        "comparison:\n  optimizers: [{type: sgd, beta: 1}]\n",
        "c.yaml:2:28: comparison.optimizers.0.beta: unknown key",
        "allowed in comparison.optimizers.0: type, learning_rate, momentum",
    ),
    (
        "comparison:\n  optimizers: [{type: sgd, tune: {beta: [1]}}]\n",
        "c.yaml:2:35: comparison.optimizers.0.tune.beta: unknown key",
        "allowed in comparison.optimizers.0.tune: momentum, nesterov, weight_decay",
    ),
    (
        "comparison:\n  optimizers: [{type: adam, tune: {betas: [[0.9, 0.9], [0.5, 1]]}}]\n",
        "c.yaml:2:62: comparison.optimizers.0.tune.betas.1.1: 1 is not less than 1",
        "allowed: list of: [number ≥ 0 and < 1, number ≥ 0 and < 1], not empty",
    ),
    (
        "comparison:\n  optimizers: [{type: sgd, tune: {momentum: []}}]\n",
        "c.yaml:2:45: comparison.optimizers.0.tune.momentum: the list is empty",
        "allowed: list of: number ≥ 0 and < 1, not empty",
    ),
    (
        "comparison:\n  optimizers: [{type: sgd, tune: {learning_rate: [1]}}]\n",
        "c.yaml:2:50: comparison.optimizers.0.tune.learning_rate: is tuned for every contestant, "
        "around its own learning_rate; remove it here",
        "",
    ),
    (
        "comparison:\n  optimizers: [{type: sgd, tune: {momentum: [0, 0.0]}}]\n",
        "c.yaml:2:45: comparison.optimizers.0.tune.momentum: 0.0 stands there twice; leave one out",
        "",
    ),
    (
        "comparison:\n  optimizers: [{type: sgd, weight_decay: 1, tune: {weight_decay: [0]}}]\n",
        "c.yaml:2:42: comparison.optimizers.0.weight_decay: 1.0 is not among the values under "
        "tune, which replace it; add it there, or remove it here",
        "",
    ),
    (
        "comparison:\n  optimizers: [{type: sgd, nesterov: true, momentum: 0.5, tune: "
        "{momentum: [0, 0.5]}}]\n",
        "c.yaml:2:65: comparison.optimizers.0.tune: momentum 0.0: nesterov requires a momentum "
        "above 0",
        "",
    ),
    (
        "comparison:\n  trials: 2\n  optimizers: [{type: sgd, tune: {momentum: [0, 0.5, 0.9]}}]\n",
        "c.yaml:3:45: comparison.optimizers.0.tune.momentum: 3 values cannot be tried with "
        "comparison.trials: 2; set comparison.trials to 3 or more, or list fewer values",
        "",
    ),
    (
        "comparison:\n  trials: 1\n  optimizers: [{type: sgd, tune: {momentum: [0.9]}}]\n",
        "c.yaml:3:45: comparison.optimizers.0.tune.momentum: 1 value cannot be tried with "
        "comparison.trials: 1; set comparison.trials to 2 or more, or list fewer values",
        "",
    ),
    (
        "comparison:\n  optimizers: [{type: sgd, schedule: {type: cosin}}]\n",
        "c.yaml:2:45: comparison.optimizers.0.schedule.type: 'cosin' is not one of constant, "
        "warmup, linear, cosine, step",
        "did you mean 'cosine'?",
    ),
    (
        "comparison: {optimizers: [adam]}\n",
        "c.yaml:1:27: comparison.optimizers.0: 'adam' is not a section",
        "write {type: adam}",
    ),
]


@pytest.mark.parametrize(("text", "head", "hint"), CASES)
def test_a_refusal_says_what_was_found_and_what_is_allowed(refuse, text, head, hint):
    lines = refuse(text)
    assert lines[0] == head
    assert hint in "\n".join(lines[1:])


def test_all_errors_come_at_once_in_the_order_of_the_file(refuse):
    lines = refuse("training: {epochs: 0}\nsede: 1\nmodel:\n  dropout: 2\n  loss: mae\n")
    heads = [line.split(" ")[0] for line in lines if line.startswith("c.yaml")]
    assert heads == ["c.yaml:1:20:", "c.yaml:2:1:", "c.yaml:4:12:", "c.yaml:5:9:"]
    assert lines[-1] == "4 errors in c.yaml; all settings: nlptrain config reference"


def test_the_line_is_shown_with_a_caret_under_the_value(refuse):
    lines = refuse("seed: 1\noptimizer: {type: sgd, learning_rate: -1}  # too low\n")
    assert lines[1] == "  2 | optimizer: {type: sgd, learning_rate: -1}  # too low"
    assert lines[2].index("^") == lines[1].index("-1")


def test_a_bad_entry_does_not_make_its_list_count_as_short(refuse):
    lines = refuse("model: {encoder: {type: cnn, kernel_sizes: [x]}}\n")
    assert lines[0] == "c.yaml:1:45: model.encoder.kernel_sizes.0: 'x' is not a whole number"
    assert lines[-1].startswith("1 error in c.yaml")


@pytest.mark.parametrize("word", ["None", "off", "no", "'none'", "false"])
def test_who_wants_none_is_told_of_null(refuse, word):
    assert "  for none, write null" in refuse(f"training: {{patience: {word}}}\n")


def test_null_is_not_proposed_where_it_is_refused(refuse):
    assert "null" not in "".join(refuse("training: {batch_size: none}\n"))
