"""The repositories over MongoDB."""
