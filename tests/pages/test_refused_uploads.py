"""A file that does not arrive is said on the page, to whoever has no pointer to hover with too."""

from playwright.sync_api import expect

from benchmarks.support import driving

MEGABYTE = 2**20


def of_megabytes(folder, size):
    path = folder / f"{size}.png"
    with path.open("wb") as file:
        file.truncate(size * MEGABYTE)
    return path


def test_a_file_that_is_too_large_or_one_too_many_is_said_until_it_is_removed(visitor, app_url, tmp_path):
    page = visitor(locale="en-US").new_page()  # of its own: the browser logs the answer 413 as an error
    driving.open_page(page, app_url, "Upload")
    refused = page.get_by_role("status").filter(has_text="MB")
    page.locator("input[type=file]").set_input_files(of_megabytes(tmp_path, 21))
    expect(refused).to_have_text("21.png was not sent: expected at most 20 MB, got 22.0MB.")
    page.get_by_role("button", name="Remove 21.png").click()
    expect(refused).to_have_count(0)
    page.route("**/_stcore/upload_file/**", lambda route: route.fulfill(status=413))
    page.locator("input[type=file]").set_input_files(of_megabytes(tmp_path, 1))
    many = page.get_by_text("Too many files are waiting to be read: send fewer at a time")
    expect(many).to_be_visible()
    page.get_by_role("button", name="Remove 1.png").click()
    expect(many).to_have_count(0)
    page.close()
