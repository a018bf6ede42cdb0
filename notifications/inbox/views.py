from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def inbox(request: HttpRequest, message_id: int = 0) -> HttpResponse:
    return HttpResponse()


message = read = acknowledge = dismiss = restore = read_all = inbox


def badge(request: HttpRequest) -> HttpResponse:
    return render(request, "components/badge.html")
