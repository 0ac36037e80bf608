import pytest

from nlptrain.config.fields import all_settings, kinds_of, resolve_path
from nlptrain.config.model import CnnEncoder, ModelSection, RnnEncoder
from nlptrain.config.optimizer import AdamSection
from nlptrain.config.optimizer_entry import enter_optimizer
from nlptrain.config.run import ComparisonSection, RunConfig


def test_a_section_with_types_has_its_kinds_and_default():
    kinds = kinds_of(ModelSection.model_fields["encoder"])
    assert list(kinds.sections)[:3] == ["pooling", "rnn", "cnn"]
    assert (kinds.default, kinds.is_list) == ("rnn", False)


def test_a_list_of_sections_is_told_from_one():
    assert kinds_of(ComparisonSection.model_fields["optimizers"]).is_list
    assert not kinds_of(RunConfig.model_fields["optimizer"]).is_list


def test_plain_values_have_no_kinds():
    assert kinds_of(RunConfig.model_fields["seed"]) is None
    assert kinds_of(CnnEncoder.model_fields["kernel_sizes"]) is None


@pytest.mark.parametrize(
    ("data", "path", "section"),
    [
        ({"model": {"encoder": {"type": "cnn"}}}, ("model", "encoder"), CnnEncoder),
        ({"model": {"encoder": {}}}, ("model", "encoder"), RnnEncoder),
        ({}, ("optimizer",), AdamSection),
        (
            {"comparison": {"optimizers": [{"type": "sgd"}]}},
            ("comparison", "optimizers", 0),
            type(enter_optimizer("sgd")),
        ),
        ({"model": {"encoder": {"type": "x"}}}, ("model", "encoder"), None),
        ({"model": {"encoder": {"type": [1]}}}, ("model", "encoder"), None),
    ],
)
def test_a_path_leads_to_the_section_that_the_data_chooses(data, path, section):
    assert resolve_path(data, path).section is section


def test_a_path_into_a_plain_list_leads_to_the_list():
    data = {"model": {"encoder": {"type": "cnn", "kernel_sizes": [1]}}}
    assert resolve_path(data, ("model", "encoder", "kernel_sizes", 0)).name == "kernel_sizes"


def test_a_path_of_unknown_keys_leads_nowhere():
    assert resolve_path({}, ("modle", "encoder")) is None
    assert resolve_path({}, ("seed", "x")) is None


def test_every_section_of_the_config_is_walked():
    paths = {setting.path[:-1] for setting in all_settings()}
    assert {(), ("data", "file"), ("training", "schedule"), ("model", "head")} <= paths
    kinds = {setting.kind for setting in all_settings()}
    assert {"position_first", "cnn", "adam_by_hand", "cosine"} <= kinds
