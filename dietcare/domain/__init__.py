"""What is true of diets whatever carries or stores it: frozen dataclasses and pure functions."""
