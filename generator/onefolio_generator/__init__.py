"""Generate API clients and adapters from OpenAPI documents. Requires `onefolio[generate]`.

The package imports neither the library nor generated code, so it also runs when these are missing or broken.
"""
