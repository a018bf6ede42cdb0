"""Two addresses for whoever watches the site: is the process alive, and can it do its work?"""

from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from notifications.health.checks import findings


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


def _word(well: bool) -> str:
    return "ok" if well else "unwell"
