"""Turn responses into unified rows, page by page."""
