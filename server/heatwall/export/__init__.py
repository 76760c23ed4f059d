"""The command `heatwall export`: a model for another runtime, checked against the original."""
