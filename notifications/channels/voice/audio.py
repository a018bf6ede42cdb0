"""Whether a file is a recording that can be played in a call, by what is in it and not by its name."""

import wave
from typing import IO

LARGEST = 2 * 1024 * 1024
"""Bytes: two minutes of speech, and more than any reminder takes."""
_ID3 = b"ID3"
_BITRATES = {
    # MPEG 1 and MPEG 2 layer III, in kbit/s, by the index in a frame's header (ISO/IEC 11172-3, 13818-3).
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
"""By the version in a frame's header: MPEG 1, 2 and 2.5."""


def kind_of(file: IO[bytes]) -> str | None:
    """“wav” or “mp3”; None for what is neither, or has nothing in it. Reads the whole file."""
    file.seek(0)
    content = file.read()
    file.seek(0)
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        found = "wav" if _has_samples(file) else None
        file.seek(0)
        return found
    return "mp3" if _has_frames(content) else None


def _has_samples(file: IO[bytes]) -> bool:
    try:
        with wave.open(file) as reader:
            return bool(reader.getnframes())
    except (wave.Error, EOFError):
        return False


def _has_frames(content: bytes) -> bool:
    """Two frames of MPEG layer III, one after the other: one alone may be anything."""
    start = _after_tag(content)
    length = _frame_length(content[start : start + 4])
    return bool(length and _frame_length(content[start + length : start + length + 4]))


def _after_tag(content: bytes) -> int:
    """Where the sound begins: after an ID3v2 tag, whose size is in four bytes of seven bits each."""
    if content[:3] != _ID3 or len(content) < 10:
        return 0
    size = 0
    for byte in content[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


def _frame_length(header: bytes) -> int:
    """Bytes of the frame with this header; 0 for what is none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version not in _RATES or layer != 1 or bitrate in (0, 15) or rate == 3:
        return 0
    is_first = version == 3
    return (144 if is_first else 72) * _BITRATES[is_first][bitrate] * 1000 // _RATES[version][rate] + padding
