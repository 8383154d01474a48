"""Zips from outside: read in memory, within bounds, each refusal in one sentence."""

import io
import os
import struct
import zipfile

import pytest

from digitcore.errors import ImageError
from digitcore.preprocessing import archives


def zipped(files, packing=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return out.getvalue()


def told(data):
    """{path: bytes, or the sentence that stands for them}"""
    items = list(archives.Archive(data))
    assert len(items) == len(archives.Archive(data))
    return {name: str(item) if isinstance(item, ImageError) else item for name, item in items}


def test_files_come_in_the_order_of_the_zip_with_their_folders():
    data = zipped([("b/2.png", b"two"), ("a/1.png", b"one"), ("a/", b"")])
    assert list(archives.Archive(data)) == [("b/2.png", b"two"), ("a/1.png", b"one")]


def test_what_systems_leave_behind_is_passed_over():
    junk = ["__MACOSX/._7.png", "x/__MACOSX/7.png", ".DS_Store", "x/.hidden", "x/Thumbs.db", "desktop.ini"]
    assert told(zipped([(name, b"x") for name in junk] + [("x/7.png", b"seven")])) == {"x/7.png": b"seven"}


def test_a_zip_inside_the_zip_is_named_and_not_opened():
    assert "zip inside the zip" in told(zipped([("in.ZIP", zipped([("7.png", b"7")]))]))["in.ZIP"]


def test_a_link_is_named_and_not_followed():
    link = zipfile.ZipInfo("7.png")
    link.external_attr = 0o120777 << 16
    assert "link" in told(zipped([(link, "/etc/passwd")]))["7.png"]


def test_a_locked_file_is_named_and_the_others_are_read():
    data = bytearray(zipped([("locked.png", b"secret"), ("open.png", b"open")]))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + flags] |= 1
    told_of = told(bytes(data))
    assert "password" in told_of["locked.png"]
    assert told_of["open.png"] == b"open"


def test_a_file_damaged_inside_the_zip_is_named_and_the_others_are_read():
    data = bytearray(zipped([("bad.png", b"0123456789"), ("good.png", b"good")], zipfile.ZIP_STORED))
    data[data.index(b"0123456789")] ^= 255
    told_of = told(bytes(data))
    assert "damaged" in told_of["bad.png"]
    assert told_of["good.png"] == b"good"


@pytest.mark.parametrize("packing", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_other_packings_than_deflate_are_refused(packing):
    assert "ordinary zip" in told(zipped([("7.png", b"seven")], packing))["7.png"]


@pytest.mark.parametrize(
    "data",
    [b"", b"no zip at all", zipped([("7.png", os.urandom(5000))])[:4000]],
    ids=["empty", "text", "cut"],
)
def test_what_is_no_whole_zip_is_refused_in_one_sentence(data):
    with pytest.raises(ImageError, match="damaged or cut off"):
        archives.Archive(data)


def test_a_zip_without_files_says_so():
    with pytest.raises(ImageError, match="no file"):
        archives.Archive(zipped([("folder/", b""), (".DS_Store", b"x")]))


def test_files_beyond_the_count_are_one_row_that_counts_them(monkeypatch):
    monkeypatch.setattr(archives, "MAX_FILES", 3)
    told_of = told(zipped([(f"{n}.png", b"x") for n in range(5)]))
    assert list(told_of) == ["0.png", "1.png", "2.png", "(end of the zip)"]
    assert "its last 2 files" in told_of["(end of the zip)"]


def test_a_directory_with_too_many_entries_is_refused_before_python_reads_it(monkeypatch):
    monkeypatch.setattr(archives, "MAX_ENTRIES", 20)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    entry = struct.pack("<4s42x", b"PK\x01\x02")
    with pytest.raises(ImageError, match="21 entries"):
        archives.Archive(b"PK\x03\x04" + 21 * entry)


def test_a_file_too_large_by_its_own_word_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 100)
    told_of = told(zipped([("big.bmp", bytes(101)), ("small.bmp", bytes(100))]))
    assert "at most" in told_of["big.bmp"]
    assert told_of["small.bmp"] == bytes(100)


def test_a_file_that_unpacks_to_more_than_its_word_is_damaged(monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 1000)
    data = bytearray(zipped([("bomb.bmp", bytes(100_000))]))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 24, 10)
    assert "damaged" in told(bytes(data))["bomb.bmp"]


def test_a_bomb_stops_at_its_ratio_and_what_came_before_is_read(monkeypatch):
    monkeypatch.setattr(archives, "MAX_BYTES", 2**20)
    bomb = zipped([("7.png", b"seven")] + [(f"{n}.bmp", bytes(2**20)) for n in range(50)])
    told_of = told(bomb)
    unpacked = sum(len(item) for item in told_of.values() if isinstance(item, bytes))
    assert told_of["7.png"] == b"seven"
    assert unpacked <= archives.MAX_RATIO * len(bomb) < 50 * 2**20
    assert "left out" in told_of["(end of the zip)"]


def test_all_files_together_are_bounded_whatever_the_ratio(monkeypatch):
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 2_500)
    told_of = told(zipped([(f"{n}.png", os.urandom(1000)) for n in range(4)], zipfile.ZIP_STORED))
    assert [name for name, item in told_of.items() if isinstance(item, bytes)] == ["0.png", "1.png"]
    assert "its last 2 files" in told_of["(end of the zip)"]


def test_damaged_files_use_the_budget_up_too(monkeypatch):
    monkeypatch.setattr(archives, "MAX_TOTAL_BYTES", 2_500)
    data = bytearray(zipped([(f"{n}.png", bytes([n]) * 1000) for n in range(4)], zipfile.ZIP_STORED))
    for n in range(4):
        data[data.index(bytes([n]) * 1000)] ^= 255
    assert list(told(bytes(data))) == ["0.png", "1.png", "(end of the zip)"]


def test_bitmaps_of_strokes_on_clean_paper_are_no_bomb():
    page = b"\xff" * 3_000_000
    assert set(told(zipped([(f"{n}.bmp", page) for n in range(8)]))) == {f"{n}.bmp" for n in range(8)}


def test_a_loose_file_is_one_item_and_a_broken_zip_one_sentence():
    assert list(archives.unpacked("7.png", b"seven")) == [("7.png", b"seven")]
    assert list(archives.unpacked("7.ZIP", zipped([("a.png", b"a")]))) == [("a.png", b"a")]
    ((name, error),) = archives.unpacked("bad.zip", b"nothing")
    assert name == "bad.zip"
    assert isinstance(error, ImageError)


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("größe.png", "utf-8"),
        ("größe.png", "cp850"),
        ("ação.png", "cp850"),
        ("семь.png", "cp866"),
        ("手書き数字.png", "cp932"),
        ("café.png", "cp437"),
    ],
)
def test_names_without_the_mark_for_utf_8_are_read_in_the_code_page_that_makes_them_words(name, page):
    class Old(zipfile.ZipInfo):
        def _encodeFilenameFlags(self):
            return name.encode(page), self.flag_bits & ~0x800

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(Old(name), b"seven")
    assert told(out.getvalue()) == {name: b"seven"}
    assert archives.Archive(out.getvalue()).names == [name]
