"""A clock that stands still until a test sets it."""


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now
