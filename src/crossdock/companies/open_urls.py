"""The addresses of this room that no company's name is in."""

from django.urls import path

from crossdock.companies import joining_views, views

urlpatterns = [
    path("", views.choose, name="home"),
    path("theme/", views.theme, name="theme"),
    path("join/<str:token>/", joining_views.join, name="join"),
    path("invitations/<int:pk>/", joining_views.invited, name="invited"),
]
