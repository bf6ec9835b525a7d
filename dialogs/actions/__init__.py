"""What each arrow of the table wishes for, one chapter a file."""
