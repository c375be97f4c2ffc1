"""What a message's file name tells, and what counts as a message."""

from __future__ import annotations

from array import array
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.messages import files
from callcenter.recording.wav import header

AT = datetime(2026, 3, 2, tzinfo=UTC)
CALL = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(("suffix", "purpose"), [("voicemail3", "voicemail"), ("comment12", "comment")])
def test_a_calls_message_names_its_call_and_purpose(suffix: str, purpose: str) -> None:
    found = files.of_call(Path(f"cc-{CALL}-{suffix}.wav"), AT)
    assert found is not None
    assert (found.call_id, found.purpose) == (CALL, purpose)


@pytest.mark.parametrize("name", ["cc-1-voicemail1", f"cc-{CALL}-capture", "beep", ""])
def test_other_files_are_no_messages(name: str) -> None:
    assert files.of_call(Path(f"{name}.wav"), AT) is None


def test_the_fallbacks_file_tells_when_from_whom_and_to_which_number() -> None:
    found = files.of_fallback(Path("1767574800-176757480012-4008001-+8613800000001.wav"))
    assert found is not None
    assert (found.at, found.number, found.hotline) == (
        datetime(2026, 1, 5, 1, 0, tzinfo=UTC),
        "+8613800000001",
        "4008001",
    )
    withheld = files.of_fallback(Path("1767574800-1-4008001-.wav"))
    assert withheld is not None
    assert withheld.number == ""


@given(st.text(max_size=60))
def test_no_file_name_breaks_the_sweep(name: str) -> None:
    path = Path("/x") / f"{name.replace('/', '').replace(chr(0), '') or 'a'}.wav"
    files.of_fallback(path)
    files.of_call(path, AT)


@pytest.mark.parametrize(
    ("seconds", "loudness", "kept"), [(2.0, 3000, True), (0.9, 9000, False), (5.0, 100, False), (1.0, 300, True)]
)
def test_short_and_silent_ones_are_dropped(tmp_path: Path, seconds: float, loudness: int, kept: bool) -> None:
    sound = array("h", [loudness, -loudness] * round(seconds * 4000)).tobytes()
    path = tmp_path / "a.wav"
    path.write_bytes(header(len(sound), 1) + sound)
    assert files.has_speech(path) is kept
