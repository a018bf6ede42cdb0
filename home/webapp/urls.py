"""At the root of the site, whatever the language: a service worker serves the paths below its own."""

from django.urls import path

from home.webapp import views

app_name = "webapp"

urlpatterns = [
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("service-worker.js", views.service_worker, name="service_worker"),
]
