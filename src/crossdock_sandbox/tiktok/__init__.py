"""The TikTok Shop Open API, as its clients see it."""
