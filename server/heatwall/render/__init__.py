"""Rendering a file or a stream into an annotated video, its heat and its counts."""
