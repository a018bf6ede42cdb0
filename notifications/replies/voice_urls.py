"""Where providers of calls ask what to say, and fetch recordings. Without a language."""

from django.urls import path

from notifications.channels.voice.clips import clip
from notifications.replies.voice_calls import call

app_name = "voice"

urlpatterns = [
    path("recordings/<uuid:key>/", clip, name="clip"),
    path("<slug:provider>/", call, name="call"),
]
