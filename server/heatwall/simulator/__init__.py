"""Simulated store cameras whose truth is known, for the demo, the tests and the benchmarks."""
