"""Where the WhatsApp providers call us. Without a language."""

from django.urls import path

from notifications.channels.whatsapp import webhooks

app_name = "whatsapp"

urlpatterns = [path("<slug:provider>/", webhooks.webhook, name="webhook")]
