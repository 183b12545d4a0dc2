"""The pretended world: goods, buyers, shops, orders and what happens to them. Pure."""
