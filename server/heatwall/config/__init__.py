"""The YAML config: its shape, its loading and its faults."""
