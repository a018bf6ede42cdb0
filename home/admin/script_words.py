"""What Wagtail's scripts say, in our words and in Afrikaans too: its own view looks into its own catalogues alone."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.i18n import JavaScriptCatalog
from wagtail.admin.localization import get_localized_response


class _Catalogue(JavaScriptCatalog):
    def get_paths(self, packages: list[str]) -> list[str]:
        """Ours last: the last to have a text wins."""
        return [*super().get_paths(packages), *map(str, settings.LOCALE_PATHS)]


_catalogue = _Catalogue.as_view(packages=["wagtail.admin"])


def script_words(request: HttpRequest) -> HttpResponseBase:
    answer: HttpResponseBase = get_localized_response(_catalogue, request)
    return answer
