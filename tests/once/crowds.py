"""Deeds of many at once."""
