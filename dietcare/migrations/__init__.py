"""Numbered changes of the stored data, and their runner."""
