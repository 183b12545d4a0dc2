"""The addresses inside a company."""

from django.urls import path

from crossdock.stores import views

app_name = "stores"
urlpatterns = [
    path("stores/", views.stores, name="stores"),
    path("stores/link/", views.begin_link, name="link"),
    path("stores/<int:pk>/sync/", views.sync_now, name="sync"),
    path("stores/<int:pk>/", views.change, name="change"),
]
