"""Crossdock: one order desk for Lazada, Shopee and TikTok Shop."""

__version__ = "0.2.0"
