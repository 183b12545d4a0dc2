"""The Lazada Open Platform, as its clients see it."""
