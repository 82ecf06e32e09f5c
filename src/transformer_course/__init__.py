"""Transformers Step by Step: the small library behind the book.

It re-exports nothing: name the module you use, as in
``from transformer_course import attention``, and you learn where things live.
"""
