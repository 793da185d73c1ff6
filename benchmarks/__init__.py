"""What the exporter costs, beside its peers, measured so that anyone can check: `python -m benchmarks`."""
