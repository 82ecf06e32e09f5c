"""Lecture slides out of the chapters: what tools.slides is made of."""
