"""How right analyses are, measured on photos whose contents are known."""
