"""Static files by the site itself, without slowing its pages down."""

from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async
from django.conf import settings
from django.http import HttpRequest
from django.utils.decorators import sync_and_async_middleware
from servestatic.middleware import ServeStaticMiddleware  # type: ignore[import-untyped]


@sync_and_async_middleware
def static_middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """ServeStatic's middleware, around static files alone where pages are synchronous.

    It knows only asynchronous requests. Before every page of a WSGI worker it would cost two changes of world, which
    take longer than a small page does.
    """
    if iscoroutinefunction(get_response):
        asynchronous: Callable[[HttpRequest], Any] = ServeStaticMiddleware(get_response)
        return asynchronous
    static_file = async_to_sync(ServeStaticMiddleware(sync_to_async(get_response)))

    def synchronous(request: HttpRequest) -> Any:
        if request.path_info.startswith(settings.STATIC_URL):
            return static_file(request)
        return get_response(request)

    return synchronous
