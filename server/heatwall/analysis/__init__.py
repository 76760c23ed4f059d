"""From detect frames to tracks, heat and overlay."""
