"""The interface about itself: where things are, how they are called, and that something isn't there."""

from typing import Any

from django.http import Http404
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer, TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from notifications.api.openapi import document
from notifications.api.views.base import OpenCall


class Index(OpenCall):
    schema = None

    def get(self, request: Request) -> Response:
        names = ("sign_in", "messages", "schedule", "preferences", "schema", "docs")
        return Response({name: reverse(f"api:{name}", request=request) for name in names})


class Schema(OpenCall):
    """The OpenAPI document, for programs."""

    schema = None

    def get(self, request: Request) -> Response:
        return Response(document())


class NotHere(OpenCall):
    """Every address that nothing else answers."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise Http404


class Docs(OpenCall, SpectacularSwaggerSplitView):
    """The same for people. Its script comes from an address of its own, as the security policy wants it."""

    schema = None
    renderer_classes = [TemplateHTMLRenderer]
    url_name = "api:schema"
    template_name = "notifications/api/docs.html"

    def handle_exception(self, exc: Exception) -> Response:
        self.request.accepted_renderer = JSONRenderer()
        return super().handle_exception(exc)
