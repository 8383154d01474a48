"""Training and everything around it: the only wing that loads TensorFlow, and one that no page imports."""
