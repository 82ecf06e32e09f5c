"""The book's pictures: one shared style, and a file for each chapter."""
