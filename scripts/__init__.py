"""Developer commands. `make help` lists the targets that run them."""
