"""The contract run itself under test: it conforms on the mock, and it can fail."""
