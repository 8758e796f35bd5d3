"""Conduit API, client accounts: typed models and requests, generated from its spec. Do not edit."""

from onefolio_runtime import AsyncClient, Client

from . import models, operations
from .credentials import Credentials
from .models import CONTRACT

SERVERS = {
    "live": "https://api.conduit.financial",
    "sandbox": "https://api.sandbox.conduit.financial",
}
"""Base URLs by the name of the environment."""

__all__ = ["CONTRACT", "SERVERS", "AsyncClient", "Client", "Credentials", "models", "operations"]
