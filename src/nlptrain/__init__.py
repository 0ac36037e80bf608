"""Train small neural networks on character strings."""

__version__ = "0.1.0"
