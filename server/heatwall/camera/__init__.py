"""One camera: its worker process and what supervises it."""
