"""The gateway's annotations: generated from protos/gateway/v1 by `make proto`, never edited."""
