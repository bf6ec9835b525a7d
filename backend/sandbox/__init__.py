"""The partners seen from the wire; imported by nothing but the demo and tests."""
