"""Bytes from outside become one grey picture, or one sentence."""

import io
import struct
import subprocess
import sys
import threading
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from digitcore.errors import FormatError, ImageError
from digitcore.paths import REPOSITORY
from digitcore.preprocessing import images


def encoded(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def refusal(data, name="x.png"):
    with pytest.raises(ImageError) as caught:
        images.decode(data, name)
    sentence = str(caught.value)
    assert sentence.startswith(name) and sentence.endswith(".") and "\n" not in sentence
    return sentence


@pytest.fixture
def grey():
    """(30, 40) uint8 that is different at every corner, smooth enough for JPEG."""
    down, across = np.mgrid[:30, :40]
    return (down * 4 + across * 3).astype(np.uint8)


def png_of_size(width, height):
    """A PNG of a few bytes whose header promises width x height pixels."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "BMP", "GIF", "WEBP"])
def test_lossless_formats_give_back_the_same_pixels(grey, kind):
    options = {"lossless": True} if kind == "WEBP" else {}
    decoded = images.decode(encoded(Image.fromarray(grey), kind, **options))
    assert decoded.dtype == np.uint8 and decoded.flags.c_contiguous
    np.testing.assert_array_equal(decoded, grey)


@pytest.mark.parametrize("progressive", [False, True])
def test_jpeg_gives_nearly_the_same_pixels(grey, progressive):
    decoded = images.decode(encoded(Image.fromarray(grey), "JPEG", quality=95, progressive=progressive))
    assert np.abs(decoded.astype(int) - grey).max() <= 4


def test_cmyk_jpeg_is_not_inverted(grey):
    decoded = images.decode(encoded(Image.fromarray(grey).convert("CMYK"), "JPEG", quality=95))
    assert np.abs(decoded.astype(int) - grey).max() <= 6


def test_colour_becomes_luma():
    picture = Image.new("RGB", (4, 3), (200, 100, 50))
    expected = round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)
    assert np.abs(images.decode(encoded(picture, "PNG")).astype(int) - expected).max() <= 1


def test_a_palette_is_resolved(grey):
    indexed = Image.fromarray(255 - grey).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    expected = np.array(indexed.convert("L"))
    np.testing.assert_array_equal(images.decode(encoded(indexed, "PNG")), expected)
    assert np.abs(expected.astype(int) - (255 - grey)).max() <= 8


def test_one_bit_pictures_are_black_and_white():
    bits = np.zeros((9, 11), bool)
    bits[2:5, 3:9] = True
    for kind in ("PNG", "BMP", "GIF"):
        np.testing.assert_array_equal(images.decode(encoded(Image.fromarray(bits), kind)), bits * 255)


def test_sixteen_bits_are_scaled_not_clipped():
    deep = (np.arange(256, dtype=np.uint16).reshape(16, 16)) * 257
    np.testing.assert_array_equal(
        images.decode(encoded(Image.fromarray(deep), "PNG")), np.arange(256).reshape(16, 16)
    )


def test_the_first_frame_of_an_animation_is_read(grey):
    frames = [Image.fromarray(grey), Image.fromarray(255 - grey)]
    for kind, options in (("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {})):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
        np.testing.assert_array_equal(images.decode(data), grey)


@pytest.mark.parametrize("ink", [0, 255])
def test_strokes_on_a_transparent_ground_stand_out_whatever_their_colour(ink):
    rgba = np.zeros((20, 20, 4), np.uint8)
    rgba[5:15, 9:12] = (ink, ink, ink, 255)
    decoded = images.decode(encoded(Image.fromarray(rgba), "PNG"))
    assert decoded[10, 10] == ink and decoded[0, 0] == 255 - ink


def test_a_cut_out_card_keeps_its_paper():
    rgba = np.full((20, 20, 4), 255, np.uint8)
    rgba[5:15, 9:12, :3] = 20
    rgba[:3, :3, 3] = 0
    decoded = images.decode(encoded(Image.fromarray(rgba), "PNG"))
    assert decoded[0, 0] == 255 and decoded[10, 10] == 20 and decoded[10, 2] == 255


def test_half_transparent_ink_is_half_strong():
    rgba = np.zeros((20, 20, 4), np.uint8)
    rgba[5:15, 9:12] = (0, 0, 0, 128)
    assert abs(int(images.decode(encoded(Image.fromarray(rgba), "PNG"))[10, 10]) - 127) <= 1


def test_a_wholly_transparent_picture_is_empty_paper():
    decoded = images.decode(encoded(Image.new("RGBA", (9, 9), (0, 0, 0, 0)), "PNG"))
    assert (decoded == 255).all()


def test_the_same_pixels_are_the_same_picture_with_or_without_an_alpha_channel(grey):
    picture = Image.fromarray(grey)
    np.testing.assert_array_equal(
        images.decode(encoded(picture.convert("RGBA"), "PNG")), images.decode(encoded(picture, "PNG"))
    )


@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_exif_orientation_is_turned_upright(grey, orientation):
    as_stored = {  # how a camera held so stores the upright picture (CIPA DC-008)
        1: grey,
        2: grey[:, ::-1],
        3: grey[::-1, ::-1],
        4: grey[::-1],
        5: grey.T,
        6: np.rot90(grey),
        7: grey.T[::-1, ::-1],
        8: np.rot90(grey, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(as_stored))
    np.testing.assert_array_equal(images.decode(encoded(stored, "PNG", exif=exif)), grey)
    decoded = images.decode(encoded(stored, "JPEG", quality=95, exif=exif))
    assert np.abs(decoded.astype(int) - grey).max() <= 4


def test_a_photograph_of_twelve_megapixels_is_read():
    shape = (3000, 4000)
    data = encoded(Image.fromarray(np.full(shape, 200, np.uint8)).convert("RGB"), "JPEG")
    assert images.decode(data).shape == shape


def test_nothing_at_all_is_refused():
    assert "0 bytes" in refusal(b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_a_file_cut_off_is_refused(grey, kind):
    data = encoded(Image.fromarray(grey), kind)
    assert "damaged or cut off" in refusal(data[: len(data) // 2])


def test_a_damaged_file_never_raises_anything_but_an_image_error(grey):
    rng = np.random.default_rng(0)
    for kind in images.FORMATS:
        data = encoded(Image.fromarray(grey), kind)
        for _ in range(60):
            damaged = bytearray(data)
            for _ in range(4):
                damaged[rng.integers(len(damaged))] = rng.integers(256)
            try:
                decoded = images.decode(bytes(damaged))
            except ImageError:
                continue
            assert decoded.ndim == 2 and decoded.dtype == np.uint8


HEIC = struct.pack(">I", 24) + b"ftypheic" + b"\0\0\0\0mif1heic" + bytes(40)
AVIF = struct.pack(">I", 24) + b"ftypavif" + b"\0\0\0\0mif1miaf" + bytes(40)
VIDEO = struct.pack(">I", 24) + b"ftypisom" + b"\0\0\0\0mp42isom" + bytes(40)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (HEIC, "HEIC picture, which is not read: save or share it as JPEG"),
        (AVIF, "AVIF picture, which is not read: save or share it as JPEG"),
        (VIDEO, "a video"),
        (encoded(Image.new("L", (8, 8)), "TIFF"), "a TIFF, which is not read: save it as PNG or JPEG"),
        (b"%PDF-1.7\n%" + bytes(99), "a PDF"),
        (b"PK\x03\x04" + bytes(99), "a zip archive"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG"),
        (b"8BPS\0\1" + bytes(99), "a Photoshop file"),
        (encoded(Image.new("RGB", (16, 16)), "ICO"), "an icon"),
        (encoded(Image.new("RGB", (8, 8)), "PPM"), "expected PNG, JPEG, WebP, BMP or GIF"),
        (b"label,pixel0\n7,0\n", "expected PNG, JPEG, WebP, BMP or GIF"),
    ],
)
def test_every_other_format_is_refused_with_the_way_out(data, said):
    assert said in refusal(data)


def test_the_name_of_a_file_does_not_decide_its_format(grey):
    np.testing.assert_array_equal(images.decode(encoded(Image.fromarray(grey), "PNG"), "x.heic"), grey)


@pytest.mark.parametrize("size", [(8000, 8001), (200_000, 321), (60_000, 60_000)])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(size):
    assert "megapixels" in refusal(png_of_size(*size))


def test_a_jpeg_may_be_larger_than_other_pictures_but_not_without_limit():
    small = encoded(Image.new("L", (16, 16)), "JPEG")
    start = small.index(b"\xff\xc0") + 5
    promised = small[:start] + struct.pack(">HH", 20_000, 12_001) + small[start + 4 :]
    assert "20000" in refusal(promised) and "240 megapixels of a JPEG are read" in refusal(promised)
    small = encoded(Image.new("L", (16, 16)), "JPEG", progressive=True)
    start = small.index(b"\xff\xc2") + 5
    promised = small[:start] + struct.pack(">HH", 9000, 8000) + small[start + 4 :]
    assert "64 megapixels of a progressive JPEG are read: save it smaller" in refusal(promised)


def test_a_telephone_s_108_megapixels_are_decoded_at_half_their_size_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        decoded = images.decode(encoded(Image.new("L", (12_000, 9_000), 200), "JPEG", quality=20))
    assert decoded.shape == (4500, 6000)
    assert np.abs(decoded.astype(int) - 200).max() < 5


def test_a_black_and_white_scan_of_an_a4_page_at_600_dpi_is_read():
    page = Image.new("1", (4960, 7016), 1)
    page.paste(0, (1000, 1000, 1100, 1400))
    decoded = images.decode(encoded(page, "PNG"))
    assert decoded.shape == (7016, 4960)
    assert (decoded[1000:1400, 1000:1100] == 0).all() and decoded[0, 0] == 255


@pytest.mark.parametrize("offset", [0, 30_000])
def test_sixteen_bits_of_which_few_are_used_fill_the_range(offset):
    deep = np.full((20, 20), offset + 1023, np.uint16)
    deep[5:15, 8:12] = offset
    decoded = images.decode(encoded(Image.fromarray(deep), "PNG"))
    assert decoded[10, 10] == 0 and decoded[0, 0] == 255


def test_an_even_picture_of_sixteen_bits_stays_even():
    deep = np.full((20, 20), 30_000, np.uint16)
    deep[5:15] += 5
    assert np.ptp(images.decode(encoded(Image.fromarray(deep), "PNG"))) == 0


def test_blank_first_frames_of_an_animation_are_passed_over(grey):
    blank, drawn = Image.new("L", grey.shape[::-1], 255), Image.fromarray(grey)
    data = encoded(blank, "GIF", save_all=True, append_images=[blank, drawn], duration=[100, 200, 100])
    np.testing.assert_array_equal(images.decode(data), grey)


INKS = [((40, 110, 60), (205, 30, 30)), ((120, 120, 120), (170, 95, 170)), ((255, 255, 255), (255, 240, 60))]


@pytest.mark.parametrize(("ground", "ink"), INKS)
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP"])
def test_an_ink_as_bright_as_its_ground_is_told_by_its_colour(ground, ink, kind):
    rgb = np.full((200, 240, 3), ground, np.uint8)
    rgb[40:160, 110:126] = ink
    decoded = images.decode(encoded(Image.fromarray(rgb), kind)).astype(int)
    assert decoded[100, 20] - decoded[100, 118] > 40


def test_blue_ink_on_paper_is_read_by_its_brightness():
    rgb = np.full((200, 240, 3), (235, 230, 220), np.uint8)
    rgb[40:160, 110:126] = (30, 40, 150)
    luma = np.asarray(Image.fromarray(rgb).convert("L"))
    np.testing.assert_array_equal(images.decode(encoded(Image.fromarray(rgb), "PNG")), luma)


def test_too_many_bytes_are_refused(monkeypatch, grey):
    monkeypatch.setattr(images, "MAX_BYTES", 2**20)
    assert "at most 1 MB" in refusal(bytes(2 * 2**20))


def test_threads_do_not_disturb_each_other(grey):
    files = [encoded(Image.fromarray(np.roll(grey, i, 1)), "PNG") for i in range(8)]
    wrong = []

    def decode_all(start):
        for k in range(40):
            i = (start + k) % 8
            if not np.array_equal(images.decode(files[i]), np.roll(grey, i, 1)):
                wrong.append(i)

    threads = [threading.Thread(target=decode_all, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
@pytest.mark.parametrize("mode", ["RGBA", "LA", "I;16"])
def test_the_largest_lossless_picture_fits_beside_the_app_on_a_small_machine(mode):
    """A file of 100 KB may ask for this; with a copy of the whole picture for each step it took 550 MB."""
    code = f"""
import io
from pathlib import Path
from PIL import Image
from digitcore.preprocessing import images
data = io.BytesIO()
picture = Image.new({mode!r}, (5600, 5600))
bands = len(picture.getbands())
picture.paste(255 if bands == 1 else (255,) * bands, (900, 900, 3000, 3000))
picture.save(data, "PNG", compress_level=1)
del picture
images.decode(data.getvalue())
status = Path("/proc/self/status").read_text()
print(status.split("VmHWM:")[1].split()[0])
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    assert int(done.stdout) < 330 * 1024


def test_a_webp_is_held_to_fewer_pixels_because_its_decoder_needs_more_memory():
    file = io.BytesIO()
    Image.new("L", (4100, 4000), 255).save(file, "WEBP", lossless=True, quality=0)
    with pytest.raises(ImageError, match="at most 16 megapixels of a WEBP"):
        images.decode(file.getvalue(), "big.webp")


def test_a_palette_that_is_missing_is_a_damaged_file_and_no_fault_that_ends_a_batch(caplog):
    data = io.BytesIO()
    Image.new("P", (30, 30)).save(data, "PNG")
    whole = data.getvalue()
    start = whole.index(b"PLTE") - 4
    length = int.from_bytes(whole[start : start + 4], "big")
    with pytest.raises(ImageError, match="damaged"):
        images.decode(whole[:start] + whole[start + 12 + length :])


@pytest.mark.parametrize(
    ("marker", "bits", "said"), [(0xC3, 8, "lossless"), (0xC5, 8, "hierarchical"), (0xC1, 12, "12 bits")]
)
def test_a_jpeg_of_a_kind_that_is_not_read_is_called_so(marker, bits, said):
    data = io.BytesIO()
    Image.new("L", (30, 30), 200).save(data, "JPEG")
    changed = bytearray(data.getvalue())
    frame = changed.index(b"\xff\xc0")
    changed[frame + 1], changed[frame + 4] = marker, bits
    with pytest.raises(FormatError, match=f"{said}.*PNG or as an ordinary JPEG"):
        images.decode(bytes(changed))
