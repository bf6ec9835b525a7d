"""Lease ledgers in and out: spreadsheets, and an ERP's word on what is owed."""
