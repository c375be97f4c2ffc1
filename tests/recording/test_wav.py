"""Raw capture → WAV: read back by the standard library's own reader, whatever the capture's length."""

from __future__ import annotations

import hashlib
import io
import stat
import struct
import wave
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.recording.wav import FRAME_BYTES, RATE, header, seal_file
from callcenter.recording.waveform import cached_peaks, peaks


@given(st.binary(max_size=5000))
def test_every_whole_frame_is_kept_and_a_torn_one_dropped(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.mktemp("seal")
    capture, target = folder / "a.raw", folder / "2026" / "01" / "05" / "a.wav"
    capture.write_bytes(raw)

    sealed = seal_file(capture, target)

    whole = raw[: len(raw) // FRAME_BYTES * FRAME_BYTES]
    with wave.open(str(target)) as read:
        assert (read.getnchannels(), read.getframerate(), read.getsampwidth()) == (2, RATE, 2)
        assert read.getnframes() == sealed.frames == len(whole) // FRAME_BYTES
        assert read.readframes(read.getnframes()) == whole
    data = target.read_bytes()
    assert sealed.size == len(data)
    assert sealed.sha256 == hashlib.sha256(data).hexdigest()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert capture.exists(), "the capture is removed only when the database knows of the WAV"
    assert [path.name for path in target.parent.iterdir()] == ["a.wav"]


def test_a_capture_longer_than_a_chunk_is_kept_whole(tmp_path: Path) -> None:
    raw = bytes(range(256)) * 4096 + b"torn"[:3]
    (tmp_path / "a.raw").write_bytes(raw)
    sealed = seal_file(tmp_path / "a.raw", tmp_path / "a.wav")
    assert (tmp_path / "a.wav").read_bytes()[44:] == raw[:-3]
    assert sealed.duration_ms == len(raw) // FRAME_BYTES * 1000 // RATE


@pytest.mark.parametrize("data_bytes", [0, 4, 32_000, 0xFFFFFFFF - 39])
def test_a_riff_header_up_to_4_gib(data_bytes: int) -> None:
    head = header(data_bytes)
    with_data = io.BytesIO(head)
    assert head[:4] == b"RIFF"
    assert struct.unpack_from("<I", head, 4)[0] == len(head) - 8 + data_bytes
    assert struct.unpack_from("<4sI", head, 36) == (b"data", data_bytes)
    if data_bytes == 0:
        with wave.open(with_data) as read:
            assert read.getnframes() == 0


@pytest.mark.parametrize("data_bytes", [0xFFFFFFFF - 35, 5 * 2**30, 2**40])
def test_rf64_beyond(data_bytes: int) -> None:
    head = header(data_bytes)
    assert head[:4] == b"RF64" and head[12:16] == b"ds64"
    _, riff, data, samples, table = struct.unpack_from("<IQQQI", head, 16)
    assert (riff, data, samples, table) == (len(head) - 8 + data_bytes, data_bytes, data_bytes // FRAME_BYTES, 0)
    assert struct.unpack_from("<I", head, 4)[0] == 0xFFFFFFFF
    assert head[-8:] == b"data\xff\xff\xff\xff"


def test_a_failed_seal_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        seal_file(tmp_path / "gone.raw", tmp_path / "day" / "a.wav")
    assert list((tmp_path / "day").iterdir()) == []


def test_peaks_of_each_channel(tmp_path: Path) -> None:
    caller, agent = 16384, -32768
    frames = struct.pack("<hh", caller, 0) * 4000 + struct.pack("<hh", 0, agent) * 4000
    (tmp_path / "a.raw").write_bytes(frames)
    seal_file(tmp_path / "a.raw", tmp_path / "a.wav")
    duration_ms, (left, right) = peaks(tmp_path / "a.wav")
    assert duration_ms == 1000
    assert len(left) == len(right) == 600
    assert left[:299] == [50] * 299 and left[301:] == [0] * 299
    assert right[:299] == [0] * 299 and right[301:] == [100] * 299


@pytest.mark.parametrize("frames", [0, 1, 599, 601])
def test_short_recordings_have_a_point_a_frame_at_most(tmp_path: Path, frames: int) -> None:
    (tmp_path / "a.raw").write_bytes(bytes(frames * FRAME_BYTES))
    seal_file(tmp_path / "a.raw", tmp_path / "a.wav")
    said = orjson.loads(cached_peaks(tmp_path / "a.wav"))
    assert [len(channel) for channel in said["channels"]] == [min(frames, 600)] * 2
    assert cached_peaks(tmp_path / "a.wav") == (tmp_path / "a.peaks.json").read_bytes()
