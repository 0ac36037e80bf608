import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.backend.event_processing import plugin_event_accumulator
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import EventFileLoader
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

from nlptrain.errors import RunFolderError
from nlptrain.reporting.event_file import EventFile, masked_crc


def write_points(folder, steps, value, purge_step=0):
    file = EventFile(folder, purge_step)
    for step in steps:
        file.write(step, [Summary.Value(tag="loss", simple_value=value)])
    file.close()


def read_points(folder):
    events = EventAccumulator(str(folder)).Reload().Scalars("loss")
    return [(event.step, event.value) for event in events]


def test_checksum_of_the_standard_example():
    # RFC 3720, B.4: CRC-32C of 32 zero bytes is 0x8A9136AA; then the mask of the TFRecord format.
    crc = 0x8A9136AA
    assert masked_crc(bytes(32)) == ((crc >> 15 | crc << 17) + 0xA282EAD8) % 2**32


@given(st.binary(max_size=200))
def test_checksum_is_that_of_tensorboard(data):
    assert masked_crc(data) == masked_crc32c(data)


def test_tensorboard_reads_what_was_written(tmp_path):
    write_points(tmp_path / "new" / "folder", [1, 2], 0.5)
    assert read_points(tmp_path / "new" / "folder") == [(1, 0.5), (2, 0.5)]


def test_event_bears_the_time_that_it_is_given(tmp_path):
    file = EventFile(tmp_path)
    file.write(1, [Summary.Value(tag="loss", simple_value=0.5)], wall_time=1234.5)
    file.close()
    (event,) = EventAccumulator(str(tmp_path)).Reload().Scalars("loss")
    assert event.wall_time == 1234.5


def test_flushed_events_can_be_read_while_the_file_is_open(tmp_path):
    file = EventFile(tmp_path)
    file.write(1, [Summary.Value(tag="loss", simple_value=2)])
    file.flush()
    assert read_points(tmp_path) == [(1, 2)]
    file.close()


def test_purge_step_drops_earlier_files_points_from_there_on(tmp_path):
    write_points(tmp_path, [10, 20, 30, 40], 1)
    write_points(tmp_path, [30], 2, purge_step=21)
    assert read_points(tmp_path) == [(10, 1), (20, 1), (30, 2)]


def test_reader_of_the_python_server_drops_them_too(tmp_path):
    write_points(tmp_path, [10, 20, 30, 40], 1)
    write_points(tmp_path, [30], 2, purge_step=21)
    points = plugin_event_accumulator.EventAccumulator(str(tmp_path)).Reload().Tensors("loss")
    assert [point.step for point in points] == [10, 20, 30]


def test_files_are_read_in_the_order_in_which_they_were_made(tmp_path):
    for number in range(12):
        write_points(tmp_path, [number], number, purge_step=number)
    assert read_points(tmp_path) == [(number, number) for number in range(12)]


def test_new_file_comes_after_the_last_even_when_one_was_deleted(tmp_path):
    for _ in range(3):
        write_points(tmp_path, [1], 1)
    first, _, last = sorted(tmp_path.iterdir())
    first.unlink()
    write_points(tmp_path, [1], 1)
    assert max(tmp_path.iterdir()) > last


def test_file_says_its_version_and_the_session_start(tmp_path):
    write_points(tmp_path, [], 0, purge_step=5)
    (path,) = tmp_path.iterdir()
    first, second = EventFileLoader(str(path)).Load()
    assert first.file_version == "brain.Event:2"
    assert (second.step, second.session_log.status) == (5, second.session_log.START)


def test_folder_that_cannot_be_made_is_a_message_about_it(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunFolderError, match="cannot write"):
        EventFile(tmp_path / "file")
