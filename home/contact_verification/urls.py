"""Verifying a contact. Included under the language prefix."""

from django.urls import path

from home.contact_verification import views

app_name = "contact_verification"

urlpatterns = [
    path("preferences/reach/<slug:kind>/", views.address, name="address"),
    path("preferences/reach/<slug:kind>/code/", views.code, name="code"),
]
