"""The addresses inside a company."""

from django.urls import path

from crossdock.stores import settings_views, shell, views

app_name = "stores"
urlpatterns = [
    path("stores/", views.stores, name="stores"),
    path("stores/stopped/", shell.stopped_now, name="stopped"),
    path("stores/link/", views.begin_link, name="link"),
    path("stores/<int:pk>/health/", views.health, name="health"),
    path("stores/<int:pk>/sync/", views.sync_now, name="sync"),
    path("stores/<int:pk>/pause/", views.pause, name="pause"),
    path("stores/<int:pk>/settings/", settings_views.settings, name="settings"),
    path("stores/<int:pk>/ways/forget/", settings_views.forget_way, name="forget_way"),
    path("stores/<int:pk>/unlink/", settings_views.unlink, name="unlink"),
]
