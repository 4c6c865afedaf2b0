"""How many calls a user may make."""
