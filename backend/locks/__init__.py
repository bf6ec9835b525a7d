"""Door-lock providers behind one port."""
