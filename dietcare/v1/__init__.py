"""The contract: generated from protos/dietcare/v1 by `make proto`, never edited."""
