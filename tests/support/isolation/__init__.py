"""What isolation promises of every RPC, generated from the contract and one small table."""
