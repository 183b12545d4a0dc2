"""TikTok Shop: how its words, answers and messages become ours."""
