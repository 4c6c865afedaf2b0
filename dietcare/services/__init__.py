"""What users do, one service for each noun; no transport, no storage."""
