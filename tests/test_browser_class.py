"""A lesson from both sides in a real Chromium: the teacher's window, the projector's, and a student's
phone."""

import re

import pytest
from playwright.sync_api import expect

from benchmarks.support import driving
from digitcore.classroom.classes import FILE, Classroom

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}
SECRET = re.compile("(key|teacher)=")


@pytest.fixture
def windows(visitor):
    """Opens pages of browsers that know nothing of each other."""
    return lambda **how: visitor(**how).new_page()


def here(address):
    """The projected address names this machine as other devices reach it; a test may not be able to."""
    return re.sub("//[^:/]+:", "//127.0.0.1:", address)


def made(page, app_url):
    """The teacher makes a class; the link to its projection."""
    driving.open_page(page, app_url, "Class")
    page.get_by_role("button", name="Make a class").click()
    link = page.get_by_role("link", name="Project the class")
    expect(link).to_be_visible()
    return link


def make_class(page, app_url):
    """The teacher makes a class and goes elsewhere; returns the address of the projection."""
    address = here(made(page, app_url).get_attribute("href"))
    page.goto("about:blank")  # the page looks again and again at what the class does
    return address


@pytest.fixture
def invitation(app_url, app_runs):
    """The address of a class that a teacher elsewhere has made; what a student is told."""
    room, _ = Classroom(app_runs / FILE).make()
    return f"{app_url}/classroom?class={room.invitation}"


def join(phone, address, nickname):
    phone.goto(address)
    phone.get_by_role("textbox", name="Nickname").fill(nickname)
    phone.get_by_role("button", name="Join", exact=True).click()
    expect(asked(phone)).to_be_visible()
    driving.settle(phone)


def asked(phone):
    return phone.get_by_role("heading", name=re.compile("^Draw a [0-9]$"))


def send(phone, digit=7):
    """Draw and send; returns the digit that was asked for."""
    before = asked(phone).inner_text()
    driving.draw(phone, digit)
    expect(phone.get_by_role("button", name="Send")).to_be_enabled()
    phone.get_by_role("button", name="Send").click()
    expect(asked(phone)).not_to_have_text(before)
    driving.settle(phone)
    return before[-1]


def test_a_teacher_projects_students_draw_on_phones_and_the_wall_shows_it(windows, app_url):
    teacher, projector, phone = windows(), windows(viewport={"width": 1280, "height": 800}), windows(**PHONE)
    address = make_class(teacher, app_url)
    projector.goto(address)
    code = projector.locator(".joining .code")
    expect(code).to_be_visible()
    assert float(code.evaluate("node => getComputedStyle(node).fontSize").removesuffix("px")) >= 120
    square = projector.get_by_role("img", name="QR code that opens the class").bounding_box()
    assert min(square["width"], square["height"]) >= 250
    assert square["y"] + square["height"] <= 800 and square["x"] + square["width"] <= 1280
    join(phone, address.partition("&")[0], "Anna")
    expect(projector.get_by_text("Anna", exact=True)).to_be_visible()
    for name in ("Send", "Undo", "Clear"):
        box = phone.locator(".stButton").get_by_role("button", name=name, exact=True).bounding_box()
        assert min(box["width"], box["height"]) >= 44 and box["y"] + box["height"] <= 844
    paper = phone.locator("canvas.upper-canvas").bounding_box()
    assert paper["y"] > asked(phone).bounding_box()["y"] and paper["x"] + paper["width"] <= 390
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    label = send(phone)
    tile = projector.get_by_role("img", name=re.compile(f"^{label} by Anna, read as"))
    expect(tile).to_be_visible()
    phone.get_by_role("button", name=f"Take back the {label} that I sent last").click()
    expect(tile).to_have_count(0)
    expect(asked(phone)).to_have_text(f"Draw a {label}")
    assert not SECRET.search(projector.url)
    body = projector.locator("body").inner_text()
    assert "key" not in body and "Save" not in body


def test_the_teachers_key_leaves_the_address_and_the_browser_finds_the_class_again(windows, app_url):
    teacher = windows()
    made(teacher, app_url)
    expect(teacher).not_to_have_url(SECRET)
    expect(teacher.get_by_text("This browser keeps your key too")).to_be_visible()
    again = teacher.context.new_page()
    driving.open_page(again, app_url, "Class")
    expect(again.get_by_role("tab", name="Teacher")).to_be_visible()
    expect(again).not_to_have_url(SECRET)
    again.get_by_role("tab", name="Teacher").click()
    again.get_by_role("button", name="Put the key away").click()
    expect(again.get_by_role("tab", name="Teacher")).to_have_count(0)
    later = teacher.context.new_page()
    driving.open_page(later, app_url, "Class")
    expect(later.get_by_role("button", name="Make a class")).to_be_visible()


def test_a_student_is_known_again_by_a_bare_address_until_the_browser_is_told_to_forget(
    windows, app_url, invitation
):
    phone = windows(**PHONE)
    join(phone, invitation, "Bo")
    expect(phone).not_to_have_url(SECRET)
    send(phone)
    again = phone.context.new_page()
    again.goto(f"{app_url}/classroom")
    expect(again.get_by_text("You are Bo")).to_be_visible()
    expect(again.get_by_text("1 drawing sent")).to_be_visible()
    again.get_by_role("tab", name="Yours").click()
    again.get_by_role("button", name="Forget me here").click()
    expect(again.get_by_role("button", name="Make a class")).to_be_visible()
    driving.settle(again)
    assert again.evaluate("Object.keys(localStorage).filter(name => name.startsWith('digitlab.'))") == []


def test_a_student_fools_the_network_of_the_class_and_stands_on_its_board(windows, app_url, invitation):
    me = windows(viewport={"width": 1280, "height": 900})
    join(me, invitation, "Dora")
    me.get_by_role("link", name="Inside", exact=True).first.click()
    me.locator(".inside .samples button").first.wait_for()
    driving.draw(me, 7)
    expect(me.locator(".inside .rows")).to_have_text("7")
    me.get_by_role("tab", name="Fool it").click()
    game = me.locator(".fool .game")
    expect(game).to_contain_text("who fools digitnet with the smallest change? You have sent none yet.")
    me.get_by_role("button", name="make it 2").click()
    me.get_by_role("button", name=re.compile("^Send it to the board: 7 read as 2")).click()
    expect(game).to_contain_text("It is on your class's board")
    expect(game).to_contain_text("Your smallest so far")
    me.get_by_role("link", name="Class", exact=True).first.click()
    me.get_by_role("tab", name="Challenges").click()
    expect(me.get_by_role("listitem").filter(has_text="Dora")).to_contain_text("7 read as 2")


def test_on_a_device_that_others_use_the_key_ends_with_the_tab(windows, app_url, invitation):
    shared = windows()
    shared.goto(invitation)
    shared.get_by_role("textbox", name="Nickname").fill("Cleo")
    shared.get_by_text("Others use this device too").click()
    shared.get_by_role("button", name="Join", exact=True).click()
    expect(asked(shared)).to_be_visible()
    expect(shared).not_to_have_url(SECRET)
    shared.reload()
    expect(shared.get_by_text("You are Cleo")).to_be_visible()
    shared.close()
    next_one = shared.context.new_page()
    next_one.goto(invitation)
    expect(next_one.get_by_role("textbox", name="Nickname")).to_be_visible()


def test_another_visitors_link_is_opened_in_its_tab_and_does_not_take_the_place_of_ones_own(windows, app_url):
    mine, other = "M" * 22, "Y" * 22
    page = windows()
    page.goto(f"{app_url}/train?key={mine}")
    expect(page).not_to_have_url(SECRET)
    page.goto(f"{app_url}/train?key={other}")
    expect(page.get_by_role("button", name="Your link")).to_be_visible()
    driving.settle(page)
    expect(page).to_have_url(re.compile(f"key={other}"))
    assert page.evaluate("localStorage.getItem('digitlab.visitor')") == mine
    page.get_by_role("button", name="Your link").click()
    page.get_by_role("button", name="Keep it in this browser").click()
    expect(page).not_to_have_url(SECRET)
    assert page.evaluate("localStorage.getItem('digitlab.visitor')") == other


def test_the_browser_keeps_a_key_before_anything_is_started_and_it_is_the_one_that_is_used(windows, app_url):
    page = windows()
    driving.open_page(page, app_url, "Train")
    page.wait_for_function("localStorage.getItem('digitlab.visitor')")
    kept = page.evaluate("localStorage.getItem('digitlab.visitor')")
    driving.settle(page)
    expect(page.get_by_role("button", name="Your link")).to_have_count(0)  # there is nothing to find again
    again = page.context.new_page()
    driving.open_page(again, app_url, "Train")
    driving.go_to(again, "Draw")
    assert again.evaluate("localStorage.getItem('digitlab.visitor')") == kept
    expect(again).not_to_have_url(SECRET)


def test_a_new_link_ends_the_old_one(windows, app_url):
    old = "O" * 22
    page = windows()
    page.goto(f"{app_url}/train?key={old}")
    expect(page).not_to_have_url(SECRET)
    page.get_by_role("button", name="Your link").click()
    page.get_by_role("button", name="Make a new link, end this one").click()
    page.wait_for_function(f"!['{old}', null].includes(localStorage.getItem('digitlab.visitor'))")
