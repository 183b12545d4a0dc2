"""The addresses of this room."""

from django.urls import path

from crossdock.papers import views

app_name = "papers"
urlpatterns = [path("papers/<int:pk>.pdf", views.awb, name="awb")]
