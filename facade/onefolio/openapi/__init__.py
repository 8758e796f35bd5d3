"""Read OpenAPI documents: references, pointers, operations, examples."""
