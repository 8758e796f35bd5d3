"""Clients and adapters written from OpenAPI documents. Needs `onefolio[generate]`.

Nothing here imports what it writes, nor the library: it has to run when generated code is missing or broken.
"""
