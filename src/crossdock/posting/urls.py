"""The addresses of this room."""

from django.urls import path

from crossdock.posting import document_views, reconcile_views, sheet_views, views

app_name = "posting"
urlpatterns = [
    path("posting/", views.runs, name="runs"),
    path("posting/icon/", views.icon, name="icon"),
    path("posting/books/", views.books, name="books"),
    path("posting/codes/", views.read_codes, name="codes"),
    path("posting/skus/", views.skus, name="skus"),
    path("posting/skus/export/", sheet_views.export_skus, name="export"),
    path("posting/skus/import/", sheet_views.import_skus, name="import"),
    path("posting/skus/import/<int:pk>/", sheet_views.imported, name="imported"),
    path("posting/skus/bundle/", sheet_views.bundle, name="bundle"),
    path("posting/skus/suggest/", sheet_views.suggest, name="suggest"),
    path("posting/stores/", views.store_codes, name="stores"),
    path("posting/stores/<int:pk>/", views.store_codes, name="store"),
    path("posting/rates/", views.rates, name="rates"),
    path("posting/test/", views.test_connection, name="test"),
    path("posting/orders/<int:pk>/", document_views.preview, name="preview"),
    path("posting/orders/<int:pk>/invoice.pdf", document_views.pdf, name="pdf"),
    path("posting/reconcile/", reconcile_views.reconciliations, name="reconciliations"),
    path("posting/reconcile/<int:pk>/", reconcile_views.reconciliation, name="reconciliation"),
    path("posting/differences/<int:pk>/repair/", reconcile_views.repair_difference, name="repair"),
]
