"""Reads what indicators are counted from, and writes their tables."""
