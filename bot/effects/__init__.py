"""The hands that carry out effects, one lane a file."""
