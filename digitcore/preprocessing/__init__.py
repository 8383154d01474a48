"""From the bytes of a picture to the 28x28 picture that a network sees."""
