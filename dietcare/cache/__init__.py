"""A cache port and its adapters."""
