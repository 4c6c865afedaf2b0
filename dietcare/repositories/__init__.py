"""Ports to what is stored, one for each noun; adapters live in mongo/ and memory/."""
