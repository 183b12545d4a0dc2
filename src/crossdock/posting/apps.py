"""Tells Django about this room, ``work`` about Post Order, and the packing bench where goods lie."""

from django.apps import AppConfig


class PostingConfig(AppConfig):
    """The room ``posting``."""

    name = "crossdock.posting"
    label = "posting"

    def ready(self) -> None:
        import crossdock.posting.jobs  # noqa: F401 - importing registers the jobs
        from crossdock.companies.sealing import register as register_sealed
        from crossdock.orders.stock import register_stock
        from crossdock.posting.lost_keys import SEALED
        from crossdock.posting.post_order import PostOrder
        from crossdock.posting.stock import read_stock
        from crossdock.work.action import register

        register_sealed(SEALED)
        register(PostOrder())
        register_stock(read_stock)
