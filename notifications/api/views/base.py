"""What all calls have in common."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.cache import add_never_cache_headers
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from notifications.api import errors
from notifications.api.body import BoundedRequest, StrictJSONParser
from notifications.api.throttling import CostlyCall, EveryCall
from notifications.api.tokens import PersonalToken
from notifications.models import Notification
from notifications.signals import message_shown


class AlwaysJSON(BaseContentNegotiation):
    """There is one way to answer, whatever a caller would rather have."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        """The first that takes what was sent; None when it is something else."""
        sent = request.content_type.partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == sent), None)

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        return renderers[0], renderers[0].media_type


class Call(APIView):
    """A call of a person who shows a token. Everything that it answers is JSON, and for nobody's cache."""

    authentication_classes: tuple[type, ...] = (PersonalToken,)
    permission_classes: tuple[type, ...] = (IsAuthenticated,)
    throttle_classes = (EveryCall, CostlyCall)
    parser_classes = (StrictJSONParser,)
    renderer_classes: Sequence[type] = (JSONRenderer,)
    content_negotiation_class = AlwaysJSON
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        return BoundedRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            request.stream  # noqa: B018 - refuses what is too large, also where nobody reads it

    def get_exception_handler(self) -> Callable[[Exception, Mapping[str, Any]], Response]:
        return errors.answer

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        add_never_cache_headers(response)
        return response


class OpenCall(Call):
    """A call that anybody may make."""

    authentication_classes = ()
    permission_classes = ()


class MessageCall(Call):
    """A call about one message. Whoever may not see it gets 404, before it is asked whether the verb is right."""

    message: Notification

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.message = self.find(request.user, kwargs["notification_id"])
        if self.message.recipient_id != request.user.pk:
            message_shown.send(type(self), request=request._request, message=self.message)

    def find(self, user: Any, message_id: int) -> Notification:
        """The message, if it is one for this user; Http404."""
        raise NotImplementedError
