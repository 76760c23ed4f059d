"""Fakes, builders and waits that the tests share."""
