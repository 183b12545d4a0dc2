"""The addresses inside a company."""

from django.urls import path

from crossdock.companies import people_views, views

app_name = "companies"
urlpatterns = [
    path("settings/", views.company_settings, name="settings"),
    path("people/", people_views.people, name="people"),
    path("people/<int:pk>/", people_views.member, name="member"),
    path("people/invitations/<int:pk>/", people_views.invitation, name="invitation"),
]
