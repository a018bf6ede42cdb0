"""The site for other programs: JSON in, JSON out, whoever calls is known by a token."""
