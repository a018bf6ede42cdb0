"""The calls of people and places. Included under /api/, before those of the engine, which take whatever is left."""

from django.urls import path

from home.api import views

app_name = "home_api"

urlpatterns = [
    path("imports/", views.Imports.as_view(), name="imports"),
    path("imports/<int:import_id>/", views.OneImport.as_view(), name="import"),
]
