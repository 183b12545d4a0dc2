"""The addresses of this room."""

from django.urls import path

from crossdock.scanning import views

app_name = "scanning"
urlpatterns = [
    path("scan/", views.page, name="scan"),
    path("scan/take/", views.take, name="take"),
    path("scan/news/", views.news, name="news"),
    path("scan/new-list/", views.anew, name="anew"),
    path("scan/<int:pk>/again/", views.again, name="again"),
]
