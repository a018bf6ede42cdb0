"""How the calls are documented: every answer that they can give, with an example."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.utils import translation
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema

from notifications.languages.listed import DEFAULT

PREFIX = "/api/"
_ERROR = {
    "type": "object",
    "additionalProperties": {
        "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    },
}
_PROBLEMS = {
    400: ("Something in the request is wrong, by field.", {"title": ["This is required."]}),
    401: (
        "No token, or one that is invalid or has expired.",
        {"detail": "Sign in first, and send the token with the request."},
    ),
    403: ("This person may not do that.", {"detail": "You may not do this."}),
    404: ("It doesn't exist, or isn't yours.", {"detail": "There is nothing here, or it is not yours."}),
    413: ("The body is over 1 MB.", {"detail": "The body is too large: 1 MB at most."}),
    415: ("The body isn't JSON.", {"detail": "The body must be sent as application/json."}),
    422: (
        "The `Idempotency-Key` was used for another request.",
        {"detail": "This key was used for another request. Take a new key for a new request."},
    ),
    429: (
        "Too many requests; `Retry-After` says how long to wait.",
        {"detail": "Too many requests. Wait a little, then try again."},
    ),
    503: (
        "The database can't be reached at the moment.",
        {"detail": "This can't be done at the moment. Please try again soon."},
    ),
}


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "notifications.api.tokens.PersonalToken"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token …`, with what `POST /api/auth/login/` gives.",
        }


def documented(
    operation_id: str,
    summary: str,
    answers: Any,
    *,
    example: Any = None,
    status: int = 200,
    asks: Any = None,
    asks_example: Any = None,
    problems: Sequence[int] = (),
    tag: str,
    signed_in: bool = True,
    parameters: Sequence[OpenApiParameter] = (),
) -> Any:
    """Document a call: its name, what it asks for and answers, and the problems of its own beside everybody's.

    `answers` None is an answer without a body, an example goes with each body.
    """
    also = {429, 503, *problems}
    if signed_in:
        also |= {401}
    if asks is not None:
        also |= {400, 413, 415}
    good = OpenApiResponse(
        answers,
        description="Done.",
        examples=[] if example is None else [OpenApiExample("Answer", value=example)],
    )
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        tags=[tag],
        request=asks,
        responses={status: good, **{code: _problem(code) for code in sorted(also)}},
        examples=[]
        if asks_example is None
        else [OpenApiExample("Request", value=asks_example, request_only=True)],
        parameters=list(parameters),
    )


def ours(endpoints: Sequence[tuple[Any, ...]], **kwargs: Any) -> list[tuple[Any, ...]]:
    """For SPECTACULAR_SETTINGS: our own calls, without those that Wagtail's admin makes."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith(PREFIX)]


@cache
def document() -> Any:
    """The OpenAPI document; it is the same for everybody."""
    with translation.override(DEFAULT):
        return SchemaGenerator().get_schema(request=None, public=True)


def _problem(code: int) -> OpenApiResponse:
    description, example = _PROBLEMS[code]
    return OpenApiResponse(
        _ERROR, description=description, examples=[OpenApiExample("Answer", value=example)]
    )
