"""From a picture to the foods it shows: fetching, normalising, asking a vision model."""
