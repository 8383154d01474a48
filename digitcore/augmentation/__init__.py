"""Training digits in other hands, and what is no digit."""
