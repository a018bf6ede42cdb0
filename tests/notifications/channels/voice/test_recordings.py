"""Recordings: uploaded by head office, known by their content, and fetched by who knows their address."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from home.models import StaffRole
from notifications.channels.voice import script
from notifications.channels.voice.audio import LARGEST, kind_of
from notifications.models import VoiceClip
from tests.factories import StaffRoleFactory, UserFactory
from tests.notifications.channels.voice.recordings import mp3, record, wav

pytestmark = pytest.mark.django_db

ADD = "/admin/voice_clips/new/"


@pytest.fixture(autouse=True)
def _media(settings: Settings, tmp_path: Path, voice: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def head_office(client: Client) -> Client:
    client.force_login(UserFactory(is_superuser=True))
    return client


def upload(client: Client, content: bytes, *, name: str = "hello.mp3", **changes: str) -> Any:
    file = SimpleUploadedFile(name, content, "audio/mpeg")
    return client.post(ADD, {"text": "greeting", "language": "en", "file": file, **changes})


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (wav(), "wav"),
        (mp3(), "mp3"),
        (mp3(tag=False), "mp3"),
        (wav(0), None),
        (b"", None),
        (b"RIFF....WAVE", None),
        (wav()[:20], None),
        (mp3(1), None),
        (b"ID3\x04\x00\x00\x00\x00\x00\x7f", None),
        (b"\xff\xfb", None),
        (b"<script>alert(1)</script>", None),
        (b"\xff\xd8\xff\xe0 a picture", None),
        (b"%PDF-1.7", None),
        (b"\xff\xfb\xf0\x00" + b"\0" * 4000, None),
    ],
)
def test_a_recording_is_known_by_what_is_in_it(content: bytes, kind: str | None) -> None:
    assert kind_of(ContentFile(content)) == kind


@pytest.mark.parametrize(("content", "suffix"), [(mp3(), "mp3"), (wav(), "wav")])
def test_what_head_office_uploads_is_fetched_without_signing_in(
    head_office: Client, content: bytes, suffix: str
) -> None:
    # Whatever it is called, the name says nothing on the disk.
    assert upload(head_office, content, name="../../Thandi Nkosi.exe").status_code == 302
    clip = VoiceClip.objects.get()
    assert (clip.text, clip.language, clip.file.name) == ("greeting", "en", f"voice/{clip.key}.{suffix}")
    answer = Client().get(f"/voice/recordings/{clip.key}/")
    assert b"".join(answer) == content  # type: ignore[arg-type]
    assert answer["Content-Type"] == {"mp3": "audio/mpeg", "wav": "audio/wav"}[suffix]
    assert "immutable" in answer["Cache-Control"]


@pytest.mark.parametrize("content", [b"<script>alert(1)</script>", b"%PDF-1.7", wav(0)])
def test_a_file_that_is_no_recording_is_refused_beside_its_field(head_office: Client, content: bytes) -> None:
    answer = upload(head_office, content)
    assert answer.status_code == 200
    assert "This is not a recording that a phone can play." in answer.content.decode()
    assert not VoiceClip.objects.exists()


def test_one_that_is_too_large_is_refused(head_office: Client) -> None:
    answer = upload(head_office, mp3() + b"\0" * LARGEST)
    assert "This recording is larger than 2.0\xa0MB." in answer.content.decode()
    assert not VoiceClip.objects.exists()


def test_there_is_one_for_each_text_and_language(head_office: Client) -> None:
    upload(head_office, mp3())
    answer = upload(head_office, mp3())
    assert "There is a recording of this in this language already." in answer.content.decode()
    assert upload(head_office, mp3(), language="af").status_code == 302
    assert upload(head_office, mp3(), text="no such text").status_code == 200
    assert VoiceClip.objects.count() == 2


def test_a_new_recording_has_a_new_address_and_the_old_file_goes(
    head_office: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    [clip] = record("greeting")
    before = Path(clip.file.path)
    with django_capture_on_commit_callbacks(execute=True):
        answer = head_office.post(
            f"/admin/voice_clips/edit/{clip.pk}/",
            {"text": "greeting", "language": "en", "file": SimpleUploadedFile("b.mp3", mp3())},
        )
    assert answer.status_code == 302
    after = VoiceClip.objects.get()
    assert after.key != clip.key and not before.exists()
    assert head_office.get(f"/voice/recordings/{clip.key}/", follow=True).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        after.delete()
    assert not Path(after.file.path).exists()


def test_what_stays_keeps_its_address(head_office: Client) -> None:
    [clip] = record("greeting")
    head_office.post(f"/admin/voice_clips/edit/{clip.pk}/", {"text": "goodbye", "language": "en"})
    after = VoiceClip.objects.get()
    assert (after.text, after.key) == ("goodbye", clip.key)


def test_nobody_guesses_one(client: Client) -> None:
    record("greeting")
    assert client.get(f"/voice/recordings/{uuid4()}/", follow=True).status_code == 404
    assert client.get("/voice/recordings/1/", follow=True).status_code == 404


def test_one_whose_file_is_gone_is_not_found(client: Client) -> None:
    [clip] = record("greeting")
    Path(clip.file.path).unlink()
    assert client.get(f"/voice/recordings/{clip.key}/", follow=True).status_code == 404


def test_clinics_do_not_change_what_all_hear(client: Client) -> None:
    client.force_login(StaffRoleFactory(role=StaffRole.Role.MANAGER).user)
    [clip] = record("greeting")
    assert client.get("/admin/voice_clips/").status_code == 302
    assert upload(client, mp3()).status_code == 302
    assert VoiceClip.objects.get() == clip


@pytest.mark.parametrize("language", ["en", "af"])
def test_each_text_is_offered_in_words(language: str) -> None:
    with translation.override(language):
        offered = dict(script.choices())
    assert {"greeting", "goodbye", "medication.dose_due", "medication.dose_due answers"} <= offered.keys()
    assert all(len(name) <= 60 for name in offered)
    by_key = {"en": "For “Taken”, press 1.", "af": "Druk 1 vir “Geneem”."}
    assert by_key[language] in offered["medication.dose_due answers"]


def test_the_list_leads_to_each_recording(head_office: Client) -> None:
    [clip] = record("greeting")
    page = head_office.get("/admin/voice_clips/").content.decode()
    assert f"/voice/recordings/{clip.key}/" in page
    assert "Hello. This is a message from your clinic." in page
