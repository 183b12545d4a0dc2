"""The book: orders, their lines and packages, and the history of each.

``record`` is the only writer, ``find`` the only lookup by code. Imports stores, companies, rules.
"""
