"""Erasure: what is kept of a user, how it goes, and what keeps late writes out.

See docs/privacy.md and docs/decisions/0016-erasure.md.
"""
