"""The control port: making orders, letting things happen, faults, the ledger."""
