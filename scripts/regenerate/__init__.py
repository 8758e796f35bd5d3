"""Write the generated clients from the specs: `python -m scripts.regenerate [--check]`."""
