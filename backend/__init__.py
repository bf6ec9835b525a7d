"""Memory, partners and the desk."""
