"""The SQL Account API Service, as its clients see it."""
