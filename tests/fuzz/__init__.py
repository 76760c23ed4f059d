"""Fuzzing of everything that takes bytes from outside."""
