"""Meals as files for people and programs that are not clients of this API: CSV and FHIR.

Each form turns meals, oldest first, into the pieces of one file, and holds no more than a few days
of them at a time.
"""
