"""The addresses of this room that no company's name is in."""

from django.urls import path

from crossdock.companies import views

urlpatterns = [
    path("", views.choose, name="home"),
    path("theme/", views.theme, name="theme"),
    path("welcome/<str:mark>/<str:token>/", views.welcome, name="welcome"),
]
