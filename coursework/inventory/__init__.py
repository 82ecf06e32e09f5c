"""Concept inventory, paper quizzes, and what they are printed and read with.

``python -m coursework.inventory --help`` lists the commands.
"""
