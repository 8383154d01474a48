"""Every error that digitcore raises on purpose.

    DigitcoreError
    ├── ImageError       bytes from outside that are not a readable picture
    │   ├── FormatError      of a format that is not read here
    │   ├── TooLargeError    with more bytes or pixels than are read
    │   ├── TooMuchError     with more marks than are read at once
    │   └── UnreadError      at which a step failed that should not
    ├── BlankError       a picture with nothing in it to read: empty, a dot, all ink
    ├── DatasetError     a data set that is missing, damaged or unknown
    ├── SettingsError    a training setting that is unknown or outside its range
    ├── ModelError       a model that is missing, or whose files do not fit together
    ├── ClassError       a class's code, nickname, drawing or limit that is not accepted
    │   └── NoClass      a code or key that opens no class here: wrong, deleted, or older than 30 days
    ├── DamagedFile      a file of our own that is not as it was written
    ├── ClusterError     a Dask cluster that does not answer, or whose workers cannot do what is asked
    ├── Abandoned        a reading for which nobody is waiting any more
    ├── PackageError     an optional package that is not installed
    └── RunError         a training run that cannot be found, started or controlled
        └── NoRoom       a run that has to wait for memory
            └── NoSpace  a run that has to wait for room on the disk

Each message is one sentence for the person at the screen: what was expected, and what came. Pages and the
command line catch `DigitcoreError` and show `str(error)`; anything else is a bug, which they let surface.
"""


class DigitcoreError(Exception):
    """The base of all errors below; never raised itself."""


class ImageError(DigitcoreError):
    """Bytes from outside that are not a readable picture: unknown format, damaged, too large."""


class FormatError(ImageError):
    """A file in a format that is not read here."""


class TooLargeError(ImageError):
    """A file or request with more bytes, pixels or pictures than are read."""


class TooMuchError(ImageError):
    """A picture with more marks than are read at once."""


class UnreadError(ImageError):
    """A picture at which a step failed, through a fault of ours or of a library's, which has been logged."""

    @classmethod
    def because_of(cls, fault: Exception) -> "UnreadError":
        """The sentence for an exception that nobody expected."""
        return cls(f"This picture could not be read, by a fault of ours ({type(fault).__name__}).")


class Abandoned(DigitcoreError):
    """A reading that ended because nobody is waiting for it any more."""


class BlankError(DigitcoreError):
    """A readable picture without anything on it that could be a digit: empty, a dot, all ink."""


class DatasetError(DigitcoreError):
    """A data set that is missing, damaged or unknown."""


class SettingsError(DigitcoreError):
    """A training setting that is unknown or outside its range."""


class ModelError(DigitcoreError):
    """A model that is missing, or whose files do not fit together."""


class ClassError(DigitcoreError):
    """Something that a class does not accept: a wrong code, a nickname in use, one drawing too many."""


class NoClass(ClassError):
    """A code or a teacher's key of a class that is not, or no longer, here."""


class DamagedFile(DigitcoreError):
    """A file of our own that was cut off, overwritten or replaced by something else."""


class ClusterError(DigitcoreError):
    """A Dask cluster that does not answer, or whose workers cannot do what is asked."""


class PackageError(DigitcoreError):
    """An optional package that is not installed; says how to get it."""


class RunError(DigitcoreError):
    """A training run that cannot be found, started or controlled."""


class NoRoom(RunError):
    """A training run that has to wait until other work has given back its memory."""


class NoSpace(NoRoom):
    """A training run that has to wait until there is room on the disk."""
