import shutil

import numpy as np
import onnxruntime
import pytest

from nlptrain.export.translated import TRANSLATED


def test_export_writes_beside_the_model_file(runs, cli):
    result = cli("export", "--format", "onnx")
    assert result.code == 0
    assert "rnn-001" in result.err
    session = onnxruntime.InferenceSession(runs / "rnn-001" / "model.onnx")
    feed = {"ids": np.array([[1]]), "lengths": np.array([1])}
    assert session.run(["probabilities"], feed)[0].sum() == pytest.approx(1)


def test_export_takes_a_model_file_and_a_place(runs, cli):
    model = runs / "rnn-001" / "model.safetensors"
    result = cli("export", model, "--format", "onnx", "--output", "names.onnx")
    assert result.code == 0
    assert (runs.parent / "names.onnx").stat().st_size > 1_000
    assert "names.onnx" in result.out


@pytest.mark.parametrize(("file_format", "ending"), [("onnx", "html"), ("html", "onnx")])
def test_export_into_a_file_of_the_other_format_is_refused(runs, cli, file_format, ending):
    result = cli("export", "--format", file_format, "--output", f"mine.{ending}")
    assert result.code == 2
    assert f"mine.{ending}: --format {file_format} writes no .{ending} file" in result.err
    assert not (runs.parent / f"mine.{ending}").exists()


def test_export_of_an_unknown_run_names_those_there_are(runs, cli):
    result = cli("export", "rnn-002", "--format", "onnx")
    assert result.code == 1
    assert "rnn-001" in result.err


@pytest.mark.parametrize("file_format", ["onnx", "html"])
def test_export_of_a_kind_without_a_translation_is_refused_in_one_line(
    runs, cli, monkeypatch, file_format
):
    left = TRANSLATED[file_format] - {"encoder rnn_tanh"}
    monkeypatch.setitem(TRANSLATED, file_format, left)
    result = cli("export", "rnn-001", "--format", file_format)
    assert (result.code, result.out) == (1, "")
    (line,) = result.err.splitlines()
    assert f"--format {file_format} has no encoder rnn_tanh, only cnn, gru," in line
    assert not (runs / "rnn-001" / f"model.{file_format}").exists()


def test_export_without_its_libraries_says_what_to_install(runs, cli, monkeypatch):
    monkeypatch.setattr("nlptrain.packages.is_installed", lambda package: package != "onnx")
    result = cli("export", "--format", "onnx")
    assert result.code == 1
    assert "pip install 'nlptrain[onnx]'" in result.err
    assert not (runs / "rnn-001" / "model.onnx").exists()


def test_export_into_a_missing_folder_is_refused(runs, cli):
    result = cli("export", "--format", "onnx", "--output", "nowhere/model.onnx")
    assert result.code == 1
    assert "nowhere/model.onnx: cannot write" in result.err


def test_export_as_a_page_writes_one_file(runs, cli):
    result = cli("export", "--format", "html")
    assert result.code == 0
    page = (runs / "rnn-001" / "model.html").read_text("utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert f"{len(page.encode()):,}" in result.out


def test_second_run_stands_beside_the_first(runs, cli):
    shutil.copytree(runs / "rnn-001", runs / "other")
    result = cli("export", "rnn-001", "--format", "html", "--beside", "other")
    assert result.code == 0
    page = (runs / "rnn-001" / "model-beside-other.html").read_text("utf-8")
    assert "<h1>rnn-001 | other</h1>" in page
    assert not (runs / "rnn-001" / "model.html").exists()


def test_second_run_that_is_missing_names_those_there_are(runs, cli):
    result = cli("export", "--format", "html", "--beside", "cnn-001")
    assert result.code == 1
    assert "cnn-001" in result.err
    assert "rnn-001" in result.err


def test_only_a_page_has_a_second_run(runs, cli):
    result = cli("export", "--format", "onnx", "--beside", "rnn-001")
    assert result.code == 2
    assert "--beside" in result.err


def test_a_page_has_no_other_input(runs, cli):
    result = cli("export", "--format", "html", "--strings")
    assert result.code == 2
    assert "--strings" in result.err
    assert not (runs / "rnn-001" / "model.html").exists()
