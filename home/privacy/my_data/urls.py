"""A person's own data. Included under the language prefix."""

from django.urls import path

from home.privacy.my_data import views

app_name = "my_data"

urlpatterns = [
    path("my-data/", views.my_data, name="page"),
    path("my-data/ask/", views.ask, name="ask"),
    path("my-data/<int:export_id>/", views.download, name="download"),
    path("my-data/erasure/<slug:key>/", views.erasure, name="erasure"),
    path("my-data/erasure/<int:erasure_id>/withdraw/", views.withdraw, name="withdraw"),
]
