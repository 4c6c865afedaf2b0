"""The interceptors, one a file, in the order that `chain` declares."""
