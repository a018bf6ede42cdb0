"""How the site is, for whoever runs it. Without a language."""

from django.urls import path

from notifications.health import views

app_name = "health"

urlpatterns = [
    path("live/", views.live, name="live"),
    path("ready/", views.ready, name="ready"),
]
