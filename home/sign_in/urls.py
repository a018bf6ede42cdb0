"""allauth's pages, but for those that change a person's own addresses: home/contact_verification has its own."""

from django.urls import include, path

from home.sign_in import views

urlpatterns = [
    path("email/", views.not_offered),
    path("phone/change/", views.not_offered),
    path("phone/verify/", views.not_offered),
    path("login/code/", views.request_code),
    path("", include("allauth.urls")),
]
