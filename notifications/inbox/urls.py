"""A person's inbox and settings. Included under the language prefix."""

from django.urls import path

from notifications.inbox import devices, views
from notifications.inbox.answer import answer
from notifications.inbox.preferences import preferences
from notifications.inbox.stream import stream
from notifications.inbox.unsubscribe import unsubscribe

app_name = "notifications"

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/badge/", views.badge, name="badge"),
    path("inbox/stream/", stream, name="stream"),
    path("inbox/read/", views.read_all, name="read_all"),
    path("inbox/<int:message_id>/", views.message, name="message"),
    path("inbox/<int:message_id>/read/", views.read, name="read"),
    path("inbox/<int:message_id>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("inbox/<int:message_id>/dismiss/", views.dismiss, name="dismiss"),
    path("inbox/<int:message_id>/restore/", views.restore, name="restore"),
    path("preferences/", preferences, name="preferences"),
    path("answer/<str:token>/", answer, name="answer"),
    path("unsubscribe/<str:token>/", unsubscribe, name="unsubscribe"),
    path("preferences/devices/", devices.subscribe, name="device_add"),
    path("preferences/devices/<int:device_id>/remove/", devices.remove, name="device_remove"),
    path("preferences/devices/test/", devices.test, name="device_test"),
]
