"""The curated spec as a contract: validate responses and report drift."""
