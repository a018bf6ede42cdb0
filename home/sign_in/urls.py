"""allauth's pages, without those on which people would change their own addresses: home/reach has them."""

from django.urls import include, path

from home import views

urlpatterns = [
    path("email/", views.not_offered),
    path("phone/change/", views.not_offered),
    path("phone/verify/", views.not_offered),
    path("login/code/", views.request_code),
    path("", include("allauth.urls")),
]
