"""Networks as they are told, built, stored and asked."""
