"""A virtual call centre on Asterisk."""
