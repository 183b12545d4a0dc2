"""Product pictures: fetched once by a worker, made small, served from our own origin.

``orders`` tells what was written (``orders.written``); the desk and papers ask ``showing``.
Imports work and everything below it.
"""
