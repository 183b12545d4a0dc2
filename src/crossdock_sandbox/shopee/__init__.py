"""The Shopee Open Platform v2, as its clients see it."""
