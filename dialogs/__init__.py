"""The rules of a renewal: pure, readable, replayable; no I/O, no clock, no ids made up, no text."""
