"""What the other intents sound like: patterns as rows, read from the first to the last, one chapter a file."""
