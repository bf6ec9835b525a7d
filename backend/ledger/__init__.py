"""Lease ledgers in and out: spreadsheets now, an ERP later."""
