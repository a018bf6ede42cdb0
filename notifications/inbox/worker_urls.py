"""What the service worker calls. No page, so without a language."""

from django.urls import path

from notifications.inbox import worker_calls

app_name = "push"

urlpatterns = [
    path("answer/", worker_calls.answer, name="answer"),
    path("renew/", worker_calls.renew, name="renew"),
]
