"""The fit and what surrounds it: the only wing that loads TensorFlow, which no page imports."""
