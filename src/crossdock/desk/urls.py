"""The addresses of this room."""

from django.urls import path

from crossdock.desk import batches, views

app_name = "desk"
urlpatterns = [
    path("orders/", views.orders, name="orders"),
    path("orders/act/", views.act, name="act"),
    path("orders/<int:pk>/", views.order, name="order"),
    path("batches/", batches.batches, name="batches"),
    path("batches/<int:pk>/", batches.batch, name="batch"),
    path("batches/<int:pk>/live/", batches.live, name="live"),
    path("batches/<int:pk>/change/", batches.change, name="change"),
]
