"""Networks: their settings, layers, files and answers."""
