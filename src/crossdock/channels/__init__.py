"""How to talk to marketplaces: one folder a channel, found by ``registry``.

Called by stores, sync, actions and papers. May import httpx, pydantic and ``rules``; never Django.
"""
