"""Between the contract's messages and the domain, one module for each noun; no rules here."""
