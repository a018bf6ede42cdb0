"""Where a person goes after signing in, and the page without a connection. Included under the language prefix."""

from django.urls import path

from home.sign_in.views import start
from home.webapp.views import offline

app_name = "home"

urlpatterns = [
    path("start/", start, name="start"),
    path("offline/", offline, name="offline"),
]
