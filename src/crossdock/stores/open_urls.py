"""The address that channels send sellers back to."""

from django.urls import path

from crossdock.stores import views

urlpatterns = [path("oauth/<slug:channel_name>/callback", views.callback, name="oauth-callback")]
