"""Tells Django about this room, and ``work`` about Post Order."""

from django.apps import AppConfig


class PostingConfig(AppConfig):
    """The room ``posting``."""

    name = "crossdock.posting"
    label = "posting"

    def ready(self) -> None:
        import crossdock.posting.jobs  # noqa: F401 - importing registers the jobs
        from crossdock.posting.post_order import PostOrder
        from crossdock.work.action import register

        register(PostOrder())
