"""Counting people over lines and in zones: tracks in, figures out."""
