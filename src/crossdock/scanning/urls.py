"""The addresses of this room."""

from django.urls import path

from crossdock.scanning import picture, stock_pick_views, views

app_name = "scanning"
urlpatterns = [
    path("scan/", views.page, name="scan"),
    path("scan/take/", views.take, name="take"),
    path("scan/news/", views.news, name="news"),
    path("scan/picture/", picture.read_picture, name="picture"),
    path("scan/new-list/", views.anew, name="anew"),
    path("scan/<int:pk>/again/", views.again, name="again"),
    path("stock-pick/", stock_pick_views.page, name="stock-pick"),
    path("stock-pick/scan/", stock_pick_views.scan, name="stock-pick-scan"),
    path("stock-pick/by-hand/", stock_pick_views.by_hand, name="stock-pick-by-hand"),
    path("stock-pick/verified/", stock_pick_views.verified, name="verified"),
]
