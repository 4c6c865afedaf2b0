"""What development starts for itself: mongod, the vision simulator, sample data."""
