"""The addresses of this room that are a company's."""

from django.urls import path

from crossdock.sync import completeness_views, views

app_name = "sync"
urlpatterns = [
    path("sync/", views.sync, name="sync"),
    path("sync/start/", views.start, name="start"),
    path("sync/live/", views.live, name="live"),
    path("sync/unread/", views.unread, name="unread"),
    path("sync/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("sync/completeness/", completeness_views.completeness, name="completeness"),
    path("sync/completeness/start/", completeness_views.start, name="check"),
    path("sync/completeness/live/", completeness_views.live, name="checks-live"),
]
