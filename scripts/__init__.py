"""Developer commands; `make help` lists the verbs that run them."""
