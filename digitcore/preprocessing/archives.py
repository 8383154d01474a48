"""The files of a zip, read one at a time from memory; nothing is ever written to disk.

A zip from outside may claim anything, so it is bounded before it is believed: how many files, how many bytes
in each and in all, and how far they may expand. What a bound refuses is named in one sentence, and the files
before it are still read.
"""

import io
import mmap
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from itertools import pairwise
from typing import BinaryIO

from digitcore.errors import ImageError
from digitcore.preprocessing.images import MAX_BYTES

MAX_FILES = 1_000
"""How many files of one zip are read."""

MAX_TOTAL_BYTES = 256 * 2**20
"""Bytes that all files of one zip together may unpack to."""

MAX_RATIO = 800
"""How many times its own size a zip may unpack to, beyond `MAX_BYTES`. Scans and photographs stay at about 1,
bitmaps of a stroke on clean paper reach 350 to 750; deflate's limit is 1032 (zlib.net/zlib_tech.html), and
overlapping files, which use the same bytes again and again, have no limit."""

MAX_ENTRIES = 10_000
"""Entries in the directory, ignored ones included: Python builds an object for each before anybody can
ask."""

CODE_PAGES = ("utf-8", "cp437", "cp850", "cp866", "cp932", "gbk")
"""How zips without the mark for UTF-8 write names: as macOS does, or in the code page of the computer that
made them (American, Western European, Cyrillic, Japanese, Chinese), which the zip does not say."""

_ENTRY = re.compile(rb"PK\x01\x02")
_UTF_8 = 0x800  # the mark (APPNOTE.TXT 4.4.4, bit 11)
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # LZMA lets the file choose a dictionary of 4 GiB
_ENCRYPTED = 0x1 | 0x40
_JUNK = re.compile(r"(^|/)(__MACOSX/|\.[^/]*$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError)
"""What zipfile raises on damaged or forged zips; anything else is a fault of ours and is not caught."""


def is_zip(name: str) -> bool:
    """Whether a file of this name is opened as a zip. The name decides, because office documents are zips as
    well."""
    return name.lower().endswith(".zip")


def unpacked(name: str, data: bytes) -> "Archive | list[tuple[str, bytes | ImageError]]":
    """The items to read in one upload: the files of a zip, if the upload is named as one, else the upload
    itself.

    Items are (name, bytes or the ImageError that says why there are none); what is returned has a length.
    """
    if not is_zip(name):
        return [(name, data)]
    try:
        return Archive(data)
    except ImageError as error:
        return [(name, error)]


def opened(
    data: bytes | mmap.mmap, most_entries: int, file: BinaryIO | None = None
) -> tuple[zipfile.ZipFile, list[zipfile.ZipInfo]]:
    """A zip and the entries of its files, without folders and what systems leave behind.

    data: its bytes. file: where they are read from, if not from memory. Raises ImageError as `Archive` does.
    """
    # Counted before Python reads the directory: 20 MB can hold 400,000 entries, 300 MB as objects.
    entries = sum(1 for _ in _ENTRY.finditer(data))
    if entries > most_entries:
        raise ImageError(
            f"This zip lists {entries:,} entries, at most {most_entries:,} are read: make smaller ones."
        )
    try:
        archive = zipfile.ZipFile(file or io.BytesIO(data))
    except DAMAGED:
        raise ImageError("This zip is damaged or cut off: make or send it again.") from None
    files = [e for e in archive.infolist() if not e.is_dir() and not _JUNK.search(e.filename)]
    if not files:
        raise ImageError("This zip holds no file: pictures were expected.")
    return archive, files


def name_of(entry: zipfile.ZipInfo) -> str:
    """A file's path in the zip. Where the zip does not say how its names are written, that code page is taken
    in which all that is no ASCII are letters of one script; Python takes them all for American."""
    if entry.flag_bits & _UTF_8 or entry.filename.isascii():
        return entry.filename
    try:
        written = entry.filename.encode("cp437")
    except UnicodeEncodeError:  # the zip says it in another way
        return entry.filename
    for page in CODE_PAGES:
        try:
            name = written.decode(page)
        except UnicodeDecodeError:
            continue
        if _are_words(name):
            return name
    return entry.filename


def _are_words(name: str) -> bool:
    pairs = [pair for pair in pairwise(name) if not any(char.isascii() for char in pair)]
    if any(first.islower() and second.isupper() for first, second in pairs):  # "ОшПС"
        return False
    scripts = set()
    for char in name:
        if char.isascii():
            continue
        if unicodedata.category(char)[0] not in "LM":
            return False
        script = unicodedata.name(char, "").split(" ")[0]
        scripts.add("KANJI AND KANA" if script in ("CJK", "HIRAGANA", "KATAKANA") else script)
    return len(scripts - {"COMBINING"}) <= 1


class Archive:
    """The files of a zip in the zip's order, without folders and the files that operating systems leave
    behind.

    data: the whole zip. `len(archive)` is how many items iterating gives. Raises ImageError if it is not a
    zip, is damaged, holds no file, or has too long a directory.
    """

    def __init__(self, data: bytes) -> None:
        self._zip, files = opened(data, MAX_ENTRIES)
        self._entries = files[:MAX_FILES]
        self._reason = f"At most {MAX_FILES:,} files of a zip are read"
        budget = allowed = min(MAX_TOTAL_BYTES, max(MAX_BYTES, MAX_RATIO * len(data)))
        for n, entry in enumerate(self._entries):
            if not refusal(entry, MAX_BYTES):
                budget -= entry.file_size  # Python unpacks no more than is declared, damaged or not
            if budget < 0:
                self._entries = files[:n]
                self._reason = f"This zip unpacks to more than {allowed / 2**20:,.0f} MiB"
                break
        self._left_out = len(files) - len(self._entries)

    def __len__(self) -> int:
        return len(self._entries) + bool(self._left_out)

    @property
    def left_out(self) -> str:
        """One sentence about the files that the bounds on the whole zip leave unread; "" where there are
        none."""
        if not self._left_out:
            return ""
        last = "its last file was" if self._left_out == 1 else f"its last {self._left_out:,} files were"
        return f"{self._reason}: {last} left out."

    @property
    def names(self) -> list[str]:
        """The names of what iterating gives."""
        return [name_of(entry) for entry in self._entries] + ["(end of the zip)"] * bool(self._left_out)

    def __iter__(self) -> Iterator[tuple[str, bytes | ImageError]]:
        """Yields (path inside the zip, its bytes, or the ImageError that says why there are none).

        What the bounds on the whole zip leave unread is one item, the last.
        """
        for entry in self._entries:
            reason = refusal(entry, MAX_BYTES)
            yield name_of(entry), ImageError(reason) if reason else self._read(entry)
        if self.left_out:
            yield self.names[-1], ImageError(self.left_out)

    def _read(self, entry: zipfile.ZipInfo) -> bytes | ImageError:
        try:
            return self._zip.read(entry)
        except DAMAGED:
            return ImageError("This file is damaged inside the zip: make the zip again.")


def refusal(entry: zipfile.ZipInfo, most_bytes: int) -> str:
    """Why an entry is not even unpacked, or "" if it may be."""
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "This is a link to another file, which is not followed: put the file itself into the zip."
    if is_zip(entry.filename):
        return "This is a zip inside the zip, which is not opened: upload it by itself."
    if entry.flag_bits & _ENCRYPTED:
        return "This file is locked with a password: make the zip without one."
    if entry.compress_type not in _PACKINGS:
        return "This file is packed in a way that is not read: make an ordinary zip (deflate)."
    if entry.file_size > most_bytes:
        return (
            f"This file has {entry.file_size / 2**20:,.0f} MB, at most {most_bytes // 2**20} MB are read: "
            "save it smaller."
        )
    return ""
