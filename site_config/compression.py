"""Pages are sent compressed, by whichever server sends them."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressionMiddleware(GZipMiddleware):
    """Django's gzip, for answers that are whole.

    Its padding of random length hides what a page's size would tell about the secrets in it (BREACH), which a proxy
    that compresses doesn't do. What is streamed goes out as it is: news for open pages must not wait in a buffer,
    and files are pictures or documents that are compressed already.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if response.streaming:
            return response
        return super().process_response(request, response)
