"""The repositories in this process, for tests and machines without a mongod."""
