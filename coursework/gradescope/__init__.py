"""A way in for Gradescope: one autograder zip an assignment (README.md)."""
