"""The addresses of this room that no company's name is in."""

from django.urls import path

from crossdock.sync import webhooks

urlpatterns = [path("webhooks/<slug:channel_name>", webhooks.webhook, name="webhook")]
