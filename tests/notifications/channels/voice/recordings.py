"""Small recordings, real ones."""

import io
import wave

from django.core.files.base import ContentFile

from notifications.models import VoiceClip


def wav(seconds: float = 0.1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(8000)
        writer.writeframes(b"\0\0" * int(8000 * seconds))
    return file.getvalue()


def mp3(frames: int = 3, *, tag: bool = True) -> bytes:
    """MPEG 1 layer III at 128 kbit/s and 44.1 kHz: each frame has 417 bytes, here of silence."""
    id3 = b"ID3\x04\x00\x00" + bytes([0, 0, 0, 20]) + b"\0" * 20
    return (id3 if tag else b"") + (b"\xff\xfb\x90\x00" + b"\0" * 413) * frames


def record(*texts: str, language: str = "en") -> list[VoiceClip]:
    """Have recordings of these texts."""
    return [
        VoiceClip.objects.create(text=text, language=language, file=ContentFile(wav(), name="a.wav"))
        for text in texts
    ]
