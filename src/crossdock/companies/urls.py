"""The addresses inside a company."""

from django.urls import path

from crossdock.companies import views

app_name = "companies"
urlpatterns = [
    path("settings/", views.company_settings, name="settings"),
    path("people/", views.people, name="people"),
    path("people/<int:pk>/", views.member, name="member"),
]
