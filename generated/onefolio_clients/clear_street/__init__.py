"""Clear Street API, accounts, balances and positions: typed models and requests, generated from its spec. Do not edit."""

from onefolio_runtime import AsyncClient, Client

from . import models, operations
from .credentials import Credentials
from .models import CONTRACT

SERVERS = {
    "production": "https://api.clearstreet.com",
}
"""Base URLs by the name of the environment."""

__all__ = ["CONTRACT", "SERVERS", "AsyncClient", "Client", "Credentials", "models", "operations"]
