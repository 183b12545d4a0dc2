"""Shopee: how its words, answers and messages become ours."""
