"""The web pages of the staff."""
