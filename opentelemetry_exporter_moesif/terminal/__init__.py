"""What the verbs of `moesif-otel` share: what they are asked, what they say, and how they end."""
