"""The recordings, for providers to fetch: unsigned, at an address that nobody can guess."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from notifications.models import VoiceClip

_KINDS = {".mp3": "audio/mpeg", ".wav": "audio/wav"}


@require_safe
@cache_control(public=True, max_age=86_400, immutable=True)
def clip(request: HttpRequest, key: UUID) -> FileResponse:
    """One recording. Another one has another address, so this one never changes."""
    found = VoiceClip.objects.filter(key=key).first()
    if found is None:
        raise Http404
    try:
        file = found.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    suffix = str(found.file.name)[-4:]
    return FileResponse(file, content_type=_KINDS.get(suffix, "application/octet-stream"))
