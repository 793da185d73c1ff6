"""The formats that calls are kept in: one room each, and `table` that tells them apart."""
