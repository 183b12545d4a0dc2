"""The web server, on top of waitress: a request is read whole before it takes a thread, an answer leaves it at once.

Called by ``crossdock web`` alone. Knows Django's addresses, and no page. See docs/decisions/0010.
"""
