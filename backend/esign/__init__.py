"""E-sign providers behind one port."""
