"""Read OpenAPI documents: references, JSON pointers, operations, examples and credentials."""
