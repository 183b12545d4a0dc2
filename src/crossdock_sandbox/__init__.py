"""Stand-ins for Lazada, Shopee, TikTok Shop and the SQL Account API Service, over real HTTP."""
