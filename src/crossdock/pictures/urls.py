"""The addresses of this room."""

from django.urls import path

from crossdock.pictures import views
from crossdock.pictures.models import LARGE, SMALL

app_name = "pictures"
urlpatterns = [
    path(f"pictures/<int:pk>/{SMALL}.webp", views.picture, {"size": SMALL}, name="small"),
    path(f"pictures/<int:pk>/{LARGE}.webp", views.picture, {"size": LARGE}, name="large"),
]
