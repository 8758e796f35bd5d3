"""Everything between a folio and a transport: rate limits, retries, deadlines, events."""
