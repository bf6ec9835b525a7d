"""Tenants words to intent and slots; unsure is an answer too."""
