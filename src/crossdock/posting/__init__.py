"""Finished orders into SQL Account as sales invoices, exactly once.

``post_order`` is the deed, ``mapping`` finds the codes, ``sqlaccount`` speaks to the API.
Called by the desk (partial and addresses) and by ``work`` (the registered action).
"""
