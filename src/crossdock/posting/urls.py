"""The addresses of this room."""

from django.urls import path

from crossdock.posting import views

app_name = "posting"
urlpatterns = [
    path("posting/", views.runs, name="runs"),
    path("posting/icon/", views.icon, name="icon"),
    path("posting/books/", views.books, name="books"),
    path("posting/codes/", views.read_codes, name="codes"),
    path("posting/skus/", views.skus, name="skus"),
    path("posting/stores/", views.store_codes, name="stores"),
    path("posting/stores/<int:pk>/", views.store_codes, name="store"),
    path("posting/rates/", views.rates, name="rates"),
]
