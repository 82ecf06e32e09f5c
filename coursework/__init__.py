"""Graded assignments and their engine."""
