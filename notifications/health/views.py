"""For whoever watches the site: is the process alive, can it do its work, and how does the work go?"""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from notifications.health.checks import findings
from notifications.health.metrics import exposition


@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; asks nobody else."""
    return JsonResponse({"status": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part is well, else 503; each part with its state and its number."""
    found = findings(now=timezone.now())
    well = all(finding.well for finding in found)
    parts = {
        finding.name: {
            "status": _word(finding.well),
            **({finding.measure: finding.value} if finding.measure else {}),
        }
        for finding in found
    }
    return JsonResponse({"status": _word(well), **parts}, status=200 if well else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' format, for whoever has the token (`Authorization: Bearer …`), in a trial for all; else 404."""
    if not _may_read_metrics(request):
        raise Http404
    body, content_type = exposition(now=timezone.now(), accept=request.headers.get("Accept", ""))
    return HttpResponse(body, content_type=content_type)


def _may_read_metrics(request: HttpRequest) -> bool:
    if settings.DEBUG:
        return True
    token = settings.NOTIFICATION_METRICS_TOKEN
    given = request.headers.get("Authorization", "")
    return bool(token) and constant_time_compare(given, f"Bearer {token}")


def _word(well: bool) -> str:
    return "ok" if well else "unwell"
