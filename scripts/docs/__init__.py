"""The docs site: `make docs` builds it and checks every link and every code block."""
