"""Every address. A company's name is in the path of all that is the company's."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("crossdock.companies.account_urls")),
    path("", include("crossdock.companies.open_urls")),
    path("", include("crossdock.stores.open_urls")),
    path("", include("crossdock.sync.open_urls")),
    path("", include("crossdock.ops.open_urls")),
    path("c/<slug:company>/", include("crossdock.companies.urls")),
    path("c/<slug:company>/", include("crossdock.desk.urls")),
    path("c/<slug:company>/", include("crossdock.stores.urls")),
    path("c/<slug:company>/", include("crossdock.sync.urls")),
    path("c/<slug:company>/", include("crossdock.scanning.urls")),
    path("c/<slug:company>/", include("crossdock.papers.urls")),
    path("c/<slug:company>/", include("crossdock.posting.urls")),
    path("c/<slug:company>/", include("crossdock.pictures.urls")),
]

handler500 = "crossdock.ui.away.server_error"
