"""Alarms: what is watched, when somebody is told of it, and how."""
