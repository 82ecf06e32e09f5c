"""Release, grade, give feedback, export: nbgrader, and what it lacks.

No comparison runs where a student's code runs. The sandboxed kernel calls
the student's functions on inputs drawn for this student and this run, and
writes what they return; the reference and the comparison stay outside.
"""
