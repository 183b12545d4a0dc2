"""AWBs at TikTok Shop: a document a package, to be had between our Ship call and the collection."""

from __future__ import annotations

from urllib.parse import urlsplit

from crossdock.channels import wire
from crossdock.channels.contract import App, Label, NoLabel, Parcel, Shop
from crossdock.channels.errors import NotFound, NotSent, Refused
from crossdock.channels.reading import text
from crossdock.channels.tiktok.api import get, path_of

_NOT_READY = frozenset({"11034037", "11034023", "21023022", "11006010"})
_TOO_LATE = frozenset({"21042102", "21023046"})
_LABEL = {"document_type": "SHIPPING_LABEL", "document_size": "A6", "document_format": "PDF"}
LABEL_HOSTS = (
    ".tiktokglobalshop.com",
    ".tiktok-shops.com",
    ".tiktokcdn.com",
    ".ibyteimg.com",
    ".byteintlapi.com",
)
"""Where ``doc_url`` may lead: host suffixes, checked before anything is fetched. UNCONFIRMED: the
sheet names no host, so these are the platform's own."""


def labels(shop: Shop, parcel: Parcel) -> tuple[Label, ...] | NoLabel:
    """The AWBs of an order's packages. Raises ``channels.errors``."""
    made = []
    for package_id in parcel.package_ids:
        label = _label(shop, parcel.order_id, package_id)
        if isinstance(label, NoLabel):
            return label
        made.append(label)
    return tuple(made)


def _label(shop: Shop, order_id: str, package_id: str) -> Label | NoLabel:
    path = path_of("fulfillment", f"packages/{package_id}/shipping_documents")
    try:
        url = text(get(shop, path, _LABEL), "doc_url")
    except Refused as refusal:
        if type(refusal) not in (Refused, NotFound):
            raise
        words = refusal.words
        if refusal.code in _TOO_LATE:
            words = f"Label no longer available at TikTok Shop: {words}"
        return NoLabel(order_id, words, again=refusal.code in _NOT_READY)
    if not url:
        return NoLabel(order_id, "TikTok Shop is still making the label.", again=True)
    return Label(order_id, package_id, _download(shop.app, url))


def _download(app: App, url: str) -> bytes:
    """The document: fetched without any token, from the platform's own hosts only."""
    host = urlsplit(url).hostname or ""
    if not host.endswith(LABEL_HOSTS) and host not in app.trusted_hosts:
        raise Refused(f"TikTok Shop's label lies on {host}, which is none of its hosts.")
    answer = wire.send("GET", url, writes=False, trusted_hosts=app.trusted_hosts)
    if answer.status != 200:
        raise NotSent(f"TikTok Shop's document address answered HTTP {answer.status}.")
    return answer.body
