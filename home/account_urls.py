"""allauth's pages, without those on which people would change their own addresses."""

from django.urls import include, path

from home import views

urlpatterns = [
    path("email/", views.not_offered),
    path("phone/change/", views.not_offered),
    path("phone/verify/", views.not_offered),
    path("", include("allauth.urls")),
]
