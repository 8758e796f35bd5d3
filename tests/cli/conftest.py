"""A mock that the tests of a module share."""

from collections.abc import Iterator

import pytest

from onefolio import mock
from onefolio.providers.registry import known


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, str]]:
    """The variables that lead to a running mock."""
    with mock.running() as urls:
        yield {known()[provider].base_url_variable: url for provider, url in urls.items()}
