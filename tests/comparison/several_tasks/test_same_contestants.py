import pytest

from nlptrain.comparison.protocol.contestants import enter_optimizers
from nlptrain.comparison.several_tasks.same_contestants import check_same_contestants
from nlptrain.errors import ConfigError

pytestmark = pytest.mark.parametrize("engine", ["numpy"], indirect=True)
FIRST = ("comparison.optimizers=[{type: sgd}, {type: adam}]", "name=one")


@pytest.fixture
def check(make_config):
    def run(*overrides):
        configs = [make_config(*FIRST), make_config(*FIRST, "name=two", *overrides)]
        entries = [enter_optimizers(config, one_code=False) for config in configs]
        check_same_contestants(configs, entries)

    return run


def test_configs_that_differ_in_their_task_alone_pass(check):
    check()
    check("data.task={type: majority}", "training.epochs=1", "seed=5")


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("name=one", "two configs are named 'one'"),
        ("comparison.optimizers=[{type: sgd}]", "two: does not compare the same as one: adam does"),
        ("comparison.optimizers=[{}, {type: sgd}, {type: adamw}]", "one: adamw takes part only"),
        ("comparison.optimizers.1.eps=0.5", "adam has optimizer.eps 0.5, not 1e-08"),
        ("comparison.optimizers.1.learning_rate=0.5", "adam has optimizer.learning_rate 0.5, not"),
        ("comparison.trials=5", "sgd is tuned in other values"),
        ("comparison.seeds=9", "comparison.seeds is 9, not"),
    ],
)
def test_configs_that_compare_other_things_are_refused(check, override, problem):
    with pytest.raises(ConfigError) as refusal:
        check(override)
    assert problem in str(refusal.value)
