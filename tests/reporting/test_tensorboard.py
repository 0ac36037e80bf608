import io

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.plugins.hparams import metadata

from nlptrain.evaluation.confusion import count_confusion
from nlptrain.reporting.records import EvaluationRecord, StepRecord, TrainingMeans
from nlptrain.reporting.tensorboard import TensorBoardLog

EVERYTHING = dict.fromkeys(["scalars", "histograms", "images", "tensors"], 0)


def read(folder):
    return EventAccumulator(str(folder), size_guidance=EVERYTHING).Reload()


def points(folder, tag):
    return [(event.step, event.value) for event in read(folder).Scalars(tag)]


def step(number, loss=0.5, grad_norm=2.0):
    return StepRecord(number, 1, loss, 3, 4, 0.125, grad_norm)


def evaluation(number, is_best=True):
    confusion = count_confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    return EvaluationRecord(number, 1, 0.5, 0.75, 0.25, 0.625, 0.875, confusion, is_best)


@pytest.fixture
def log(tmp_path):
    log = TensorBoardLog(tmp_path, 2, True, ["absent", "present"])
    yield log
    log.close()


def test_step_becomes_a_point_of_each_curve(tmp_path, log):
    log.report(step(2))
    log.close()
    tags = ["loss/train", "accuracy/train", "learning_rate", "grad_norm"]
    found = {tag: points(tmp_path, tag) for tag in tags}
    values = [0.5, 0.75, 0.125, 2.0]
    assert found == {tag: [(2, value)] for tag, value in zip(tags, values, strict=True)}


def test_steps_between_are_left_out(tmp_path, log):
    for number in range(1, 6):
        log.report(step(number))
    log.close()
    assert [number for number, _ in points(tmp_path, "loss/train")] == [2, 4]


def test_gradient_norm_that_was_not_measured_is_left_out(tmp_path, log):
    log.report(step(2, grad_norm=None))
    log.close()
    assert "grad_norm" not in read(tmp_path).Tags()["scalars"]


def test_diverged_loss_is_logged_as_it_is(tmp_path, log):
    log.report(step(2, loss=float("inf")))
    log.close()
    assert points(tmp_path, "loss/train") == [(2, float("inf"))]


def test_evaluation_is_readable_at_once_with_both_splits(tmp_path, log):
    log.report(evaluation(7))
    found = {tag: points(tmp_path, tag) for tag in read(tmp_path).Tags()["scalars"]}
    assert found == {
        "loss/train_mean": [(7, 0.5)],
        "accuracy/train_mean": [(7, 0.75)],
        "loss/validation": [(7, 0.25)],
        "accuracy/validation": [(7, 0.625)],
        "macro_f1/validation": [(7, 0.875)],
    }


def test_confusion_matrix_of_each_best_evaluation_is_a_picture(tmp_path, log):
    log.report(evaluation(7))
    log.report(evaluation(8, is_best=False))
    (event,) = read(tmp_path).Images("confusion_matrix/validation")
    picture = Image.open(io.BytesIO(event.encoded_image_string))
    picture.load()
    assert event.step == 7
    assert picture.size == (event.width, event.height)


def test_config_is_shown_line_by_line(tmp_path, log):
    log.log_config("name: rnn\nseed: 0\n")
    log.close()
    (event,) = read(tmp_path).Tensors("config")
    assert event.tensor_proto.string_val[0].decode() == "    name: rnn\n    seed: 0\n"
    assert read(tmp_path).SummaryMetadata("config").plugin_data.plugin_name == "text"


def test_histograms_count_all_finite_parameters(tmp_path, log):
    weight = np.random.default_rng(0).normal(size=(30, 40)).astype(np.float32)
    weight[0, :2] = np.nan, np.inf
    log.log_parameters(3, {"head.weight": weight, "head.bias": np.full(3, np.nan)})
    log.close()
    assert read(tmp_path).Tags()["histograms"] == ["parameters/head.weight"]
    (event,) = read(tmp_path).Histograms("parameters/head.weight")
    finite = weight[np.isfinite(weight)].astype(np.float64)
    value = event.histogram_value
    assert (event.step, value.num, sum(value.bucket)) == (3, 1198, 1198)
    assert (value.min, value.max) == (finite.min(), finite.max())
    assert value.sum_squares == pytest.approx((finite**2).sum())
    below = [int((finite < limit).sum()) for limit in value.bucket_limit[:-1]]
    assert np.cumsum(value.bucket)[:-1].tolist() == below


@pytest.mark.parametrize("values", [[2.0, 2.0, 2.0], [1.0, np.nextafter(1.0, 2)], [-1e200, 1e200]])
def test_histogram_of_odd_values_counts_them_all(tmp_path, log, values):
    log.log_parameters(1, {"bias": np.array(values)})
    log.close()
    (event,) = read(tmp_path).Histograms("parameters/bias")
    assert sum(event.histogram_value.bucket) == len(values)


def test_no_histograms_unless_asked_for(tmp_path):
    log = TensorBoardLog(tmp_path, 1, False, ["0", "1"])
    log.log_parameters(1, {"bias": np.ones(3)})
    log.close()
    assert read(tmp_path).Tags()["histograms"] == []


def test_settings_and_final_scores_reach_the_hparams_plugin(tmp_path, log):
    log.report(step(6))
    log.log_hparams({"encoder": "rnn", "lr": 0.5, "layers": 2, "both": True}, {"test/accuracy": 1})
    log.close()
    contents = read(tmp_path).PluginTagToContent("hparams")
    start = metadata.parse_session_start_info_plugin_data(contents["_hparams_/session_start_info"])
    end = metadata.parse_session_end_info_plugin_data(contents["_hparams_/session_end_info"])
    assert start.hparams["encoder"].string_value == "rnn"
    assert start.hparams["lr"].number_value == 0.5
    assert start.hparams["layers"].number_value == 2
    assert start.hparams["both"].bool_value is True
    assert end.end_time_secs >= start.start_time_secs
    assert points(tmp_path, "test/accuracy") == [(7, 1)]


def test_final_scores_of_a_run_killed_right_after_stand_there_once(tmp_path, log):
    log.report(evaluation(6))
    log.log_hparams({}, {"test/accuracy": 1})
    resumed = TensorBoardLog(tmp_path, 2, False, ["absent", "present"], purge_step=7)
    resumed.log_hparams({}, {"test/accuracy": 1})
    resumed.close()
    assert points(tmp_path, "test/accuracy") == [(7, 1)]
    assert [step for step, _ in points(tmp_path, "loss/validation")] == [6]


def test_synced_points_are_in_the_file(tmp_path, log):
    log.report(step(6))
    log.sync()
    assert points(tmp_path, "loss/train") == [(6, 0.5)]


def test_resumed_log_replaces_what_came_after_the_checkpoint(tmp_path, log):
    for number in (2, 4, 6, 8):
        log.report(step(number))
        log.report(evaluation(number))
    log.close()
    resumed = TensorBoardLog(tmp_path, 2, False, ["absent", "present"], purge_step=5)
    resumed.report(step(6, loss=0.25))
    resumed.close()
    assert points(tmp_path, "loss/train") == [(2, 0.5), (4, 0.5), (6, 0.25)]
    images = read(tmp_path).Images("confusion_matrix/validation")
    assert [event.step for event in images] == [2, 4]


def test_curves_of_a_second_phase_go_on_to_the_right_under_its_name(tmp_path, log):
    log.report(step(6))
    log.close()
    second = TensorBoardLog(
        tmp_path, 2, True, ["0", "1"], purge_step=7, steps_before=6, phase="refit"
    )
    second.report(step(2, loss=0.25))
    second.report(TrainingMeans(3, 1, 0.75, 0.5))
    second.log_parameters(3, {"w": np.ones(2)})
    second.log_hparams({}, {"test/accuracy": 1})
    second.close()
    assert points(tmp_path, "loss/train") == [(6, 0.5)]
    assert points(tmp_path, "refit/loss/train") == [(8, 0.25)]
    assert points(tmp_path, "refit/loss/train_mean") == [(9, 0.75)]
    assert points(tmp_path, "refit/accuracy/train_mean") == [(9, 0.5)]
    assert [event.step for event in read(tmp_path).Histograms("refit/parameters/w")] == [9]
    assert points(tmp_path, "test/accuracy") == [(10, 1)]


def test_second_close_does_nothing(log):
    log.close()
    log.close()
