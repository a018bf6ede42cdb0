"""Where SMS providers call us. Without a language."""

from django.urls import path

from notifications.channels.sms import webhooks

app_name = "inbound"

urlpatterns = [
    path("<slug:provider>/status/", webhooks.status, name="status"),
    path("<slug:provider>/inbound/", webhooks.inbound, name="inbound"),
]
