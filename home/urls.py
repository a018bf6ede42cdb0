"""The way in. Included under the language prefix."""

from django.urls import path

from home import views
from home.webapp.views import offline

app_name = "home"

urlpatterns = [
    path("start/", views.start, name="start"),
    path("offline/", offline, name="offline"),
]
