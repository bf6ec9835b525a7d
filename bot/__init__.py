"""The shell: the only package that knows everybody."""
