"""The addresses that channels send sellers back to, and where those end who began there."""

from django.urls import path

from crossdock.stores import arriving

urlpatterns = [
    path("oauth/<slug:channel_name>/callback", arriving.callback, name="oauth-callback"),
    path("oauth/<slug:channel_name>/company/", arriving.choose, name="oauth-choose"),
]
