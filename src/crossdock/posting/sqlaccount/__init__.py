"""SQL Account's API over HTTP: signing, calls, errors, the shape of its documents.

Called by ``posting`` alone. May import ``channels`` (wire, errors) and ``rules``; never Django.
"""
