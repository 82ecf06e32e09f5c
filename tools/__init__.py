"""What builds, stores and checks the book; the Makefile calls these."""
