"""`heatwall bench`: how many cameras a machine holds, measured with simulated ones."""
