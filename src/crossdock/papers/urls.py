"""The addresses of this room."""

from django.urls import path

from crossdock.papers import again, label_views, manifest_views, settings_views, views

app_name = "papers"
urlpatterns = [
    path("papers/", views.papers, name="papers"),
    path("papers/<int:pk>.pdf", label_views.awb, name="awb"),
    path("papers/made/<int:pk>/", views.paper, name="paper"),
    path("papers/made/<int:pk>/again/", again.again, name="again"),
    path("papers/made/<int:pk>.pdf", views.paper_pdf, name="paper_pdf"),
    path("papers/manifests/", manifest_views.manifests, name="manifests"),
    path("papers/manifests/<int:pk>/", manifest_views.manifest, name="manifest"),
    path("papers/settings/", settings_views.paper_settings, name="settings"),
    path("papers/preview/<slug:kind>.png", settings_views.preview, name="preview"),
]
