"""The Class page and Draw's opt-in, as a teacher and students use them, driven by AppTest."""

import base64
import contextlib
import re
import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from digitcore import datasets, files, paths
from digitcore.classroom import attempts, wall
from digitcore.classroom.classes import Classroom
from digitcore.classroom.drawings import ClassSet
from digitcore.classroom.fooling import Fooling
from digitcore.classroom.students import Students
from digitcore.datasets import own
from digitcore.errors import ClassError
from digitcore.networks import model_store
from digitcore.preprocessing import images, normalisation
from digitcore.runs import extra_digits
from digitcore.runs import store as run_store
from pages.parts.classroom import networks
from pages.parts.classroom import wall as class_wall
from pages.parts.inside import class_game
from pages.shared import canvas, membership
from tests.classroom.test_classes import finished, seven
from tests.datasets.collecting import signs
from tests.pages.test_draw import SEVEN, png, sent

ROOT = paths.REPOSITORY
PAGE = "pages/classroom.py"


@pytest.fixture(autouse=True)
def own_classes(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGITLAB_RUNS", str(tmp_path / "runs"))
    for name, owner in (
        ("GUESSES", attempts.Guesses),
        ("MAKERS", attempts.Makers),
        ("SENDERS", attempts.Senders),
    ):
        monkeypatch.setattr(attempts, name, owner(lambda: 0.0))  # nothing comes back with time


@pytest.fixture
def rooms():
    return Classroom()


def open_page(page=PAGE, **query):
    app = AppTest.from_file(str(ROOT / page), default_timeout=120)
    app.query_params.update(query)
    return app.run()


def press(app, label):
    return next(button for button in app.button if button.label == label).click().run()


def said(app):
    elements = (
        app.markdown,
        app.caption,
        app.error,
        app.success,
        app.warning,
        app.info,
        app.text,
        app.subheader,
        app.code,
    )
    return "\n".join(str(element.value) for kind in elements for element in kind)


def enter(app, code, nickname=None):
    app.text_input[0].set_value(code)
    press(app, "Open")
    if nickname is not None:
        app.text_input[0].set_value(nickname)
        press(app, "Join")
    return app


def address(app):
    return {name: value[0] if isinstance(value, list) else value for name, value in app.query_params.items()}


def student_of(rooms, room, nickname="Anna"):
    """A student with a key, and the query of their link."""
    key = run_store.new_key()
    return Students(rooms).join(room.code, nickname, key), {"key": key, "class": room.invitation}


def tab(app, name):
    app.session_state["class_tabs"] = name
    return app.run()


def test_a_teacher_gets_a_code_and_a_key_that_is_shown_once(rooms):
    app = press(open_page(), "Make a class")
    key = address(app)["teacher"]
    room = rooms.of_teacher(key)
    assert [metric.value for metric in app.metric][:2] == [room.code, "0"]
    assert "shown only once" in said(app)
    assert "Community Cloud" in said(app)
    press(app, "I have saved it")
    assert key not in said(app)
    assert any(metric.value == room.code for metric in open_page(teacher=key).metric)


def test_the_teachers_key_leaves_the_address_of_other_pages(rooms):
    _, key = rooms.make()
    app = open_page("app.py")
    app.switch_page(PAGE)
    app.query_params["teacher"] = key
    app.run()
    app.query_params.clear()
    app.switch_page("pages/data.py").run()
    assert "teacher" not in address(app)
    app.switch_page(PAGE).run()
    assert address(app)["teacher"] == key


def test_a_student_joins_by_code_and_is_found_again_by_the_address(rooms):
    room, _ = rooms.make()
    app = enter(open_page(), room.code.lower(), "Anna")
    assert f"You are **Anna** in class **{room.code}**" in said(app)
    assert address(app)["class"] == room.invitation
    again = open_page(**address(app))
    assert "You are **Anna**" in said(again)
    assert "You are" not in said(open_page(**{"class": address(app)["class"]}))


def test_the_class_stays_in_the_address_over_a_change_of_pages(rooms):
    room, _ = rooms.make()
    app = open_page("app.py", **{"class": room.code.replace(" ", "-")})
    app.query_params.clear()
    app.switch_page("pages/data.py").run()
    assert address(app)["class"] == room.invitation


def test_nothing_is_seen_without_the_code(rooms):
    room, _ = rooms.make()
    student, _ = student_of(rooms, room)
    ClassSet(rooms).add(student, 7, *seven())
    for app in (open_page(), open_page(key=run_store.new_key()), open_page(**{"class": "BABO-BABO-BABO"})):
        assert "Anna" not in said(app)
        assert room.code not in said(app)


def test_wrong_codes_run_out_and_tell_nothing_even_by_the_right_one(rooms):
    room, _ = rooms.make()
    app = open_page()
    for _ in range(8):
        enter(app, "BABO BABO BABO")
    assert "no class with this code" in said(app)
    wrong = said(enter(app, "BABO BABO BABO"))
    assert "many wrong codes" in wrong
    assert said(enter(app, room.code)) == wrong
    assert "class" not in address(app)


def test_a_student_and_whoever_has_an_invitation_are_not_locked_out_by_others_who_guess(rooms):
    room, _ = rooms.make()
    _, query = student_of(rooms, room)
    for number in range(1_000):
        with contextlib.suppress(ClassError):
            attempts.GUESSES.take(number, "")
    code = room.code.replace(" ", "-")
    assert "You are **Anna**" in said(open_page(**query))
    assert "You are **Anna**" in said(open_page(**query | {"class": code}))
    assert "Join this class" in said(open_page(**{"class": room.invitation}))
    assert "came from this network" in said(open_page(**{"class": code}))


def test_one_address_makes_ten_classes_whatever_sessions_it_opens(rooms):
    for number in range(11):
        app = press(open_page(), "Make a class")
        assert ("Many classes were made" in said(app)) == (number == 10)


def test_a_taken_nickname_gets_a_sentence(rooms):
    room, _ = rooms.make()
    student_of(rooms, room)
    app = enter(open_page(), room.code, "anna")
    assert [error.value for error in app.error] == [
        "Somebody in this class has that nickname; choose another."
    ]


def test_markup_in_a_nickname_is_shown_as_text(rooms):
    room, teacher = rooms.make()
    student, query = student_of(rooms, room, "b*x*[a](b)<i>:cat:")
    ClassSet(rooms).add(student, 1, *seven())
    finished(query["key"], name="**loud** | `x`")
    assert r"b\*x\*\[a\]\(b\)\<i\>\:" in said(open_page(**query))
    board = next(m.value for m in tab(open_page(**query), "Board").markdown if m.value.startswith("| #"))
    assert r"\*\*loud\*\* \| \`x\`" in board
    app = tab(open_page(teacher=teacher), "Teacher")
    assert not any("<i>" in html.proto.body for html in app.get("html"))


def test_the_board_shows_the_test_only_once_it_is_revealed(rooms):
    room, teacher = rooms.make()
    _, query = student_of(rooms, room)
    finished(query["key"], validation=100, test=321)
    app = tab(open_page(**query), "Board")
    assert "321" not in said(app)
    assert "100 of 5,000 wrong" in said(app)
    assert not any(part in said(app) for part in (run_store.owner_folder(query["key"]).name, query["key"]))
    board = tab(open_page(teacher=teacher), "Teacher")
    next(toggle for toggle in board.toggle if toggle.label.startswith("Reveal")).set_value(True).run()
    assert rooms.find(room.code).revealed
    revealed = said(tab(open_page(**query), "Board"))
    assert "321 of 10,000 wrong" in revealed
    assert "100 of 5,000 wrong" not in revealed  # four columns would not fit a phone


def test_the_class_set_is_read_by_a_network_and_its_misses_are_shown(rooms):
    room, _ = rooms.make()
    student, query = student_of(rooms, room)
    ClassSet(rooms).add(student, 7, *seven())
    ClassSet(rooms).add(student, 3, *seven(1))  # a seven that is labelled 3
    app = tab(open_page(**query), "Our digits")
    assert [metric.value for metric in app.metric] == ["50.0%", "1"]
    assert "3 → 7" in "".join(html.proto.body for html in app.get("html"))


def test_a_network_that_learnt_from_the_set_is_marked(rooms):
    room, _ = rooms.make()
    student, query = student_of(rooms, room)
    ClassSet(rooms).add(student, 7, *seven())
    finished(query["key"], extra={"extra_digits": {"n": 1, "sha256": ""}})
    assert "† has learnt from" in said(tab(open_page(**query), "Board"))


def draw_seven(app):
    app.session_state["draw_canvas_0"] = sent(png(SEVEN), [SEVEN])
    return app.run()


def test_draw_offers_the_class_set_to_students_alone(rooms):
    room, _ = rooms.make()
    _, query = student_of(rooms, room)
    offer = "Add this drawing to our class set as:"
    for other in ({}, {"key": run_store.new_key()}, {"class": query["class"]}):
        assert offer not in [pills.label for pills in draw_seven(open_page("pages/draw.py", **other)).pills]
    assert offer in [pills.label for pills in draw_seven(open_page("pages/draw.py", **query)).pills]


def test_a_drawing_goes_into_the_class_set_and_out_again(rooms):
    room, teacher = rooms.make()
    _, query = student_of(rooms, room)
    app = draw_seven(open_page("pages/draw.py", **query))
    assert ClassSet(rooms).all(room) == []  # opt-in
    app.pills[0].set_value(7).run()
    (drawing,) = ClassSet(rooms).all(room)
    assert (drawing.label, drawing.nickname) == (7, "Anna")
    assert np.argmax(drawing.picture.sum(1)) < 14  # a seven's bar is in its upper half
    assert "It is in the class set as 7" in said(app)
    app.pills[0].set_value(1).run()
    assert [d.label for d in ClassSet(rooms).all(room)] == [1]
    app.pills[0].set_value(None).run()
    assert ClassSet(rooms).all(room) == []
    rooms.set_limits(teacher, drawings_open=False)
    assert not app.run().pills


def test_the_teacher_takes_drawings_home_and_removes_them(rooms):
    room, teacher = rooms.make()
    student, _ = student_of(rooms, room)
    ClassSet(rooms).add(student, 7, *seven())
    app = tab(open_page(teacher=teacher), "Teacher")
    assert [button.label for button in app.get("download_button")] == [
        "As pictures (.zip)",
        "As arrays (.npz)",
    ]
    press(app, "Remove")
    assert ClassSet(rooms).all(room) == []
    press(app, "Remove the student")
    assert Students(rooms).of(room) == []
    press(app, "Delete everything now")
    assert "teacher" not in address(app)
    assert "The class is deleted" in said(app)
    assert "no longer here" in said(open_page(teacher=teacher)) or "no teacher's key" in said(
        open_page(teacher=teacher)
    )


def test_a_student_leaves_with_the_drawings(rooms):
    room, _ = rooms.make()
    student, query = student_of(rooms, room)
    ClassSet(rooms).add(student, 7, *seven())
    app = tab(open_page(**query), "Yours")
    next(toggle for toggle in app.toggle if toggle.label.startswith("Show my runs")).set_value(False).run()
    assert not Students(rooms).of(room)[0].shows_runs
    press(app, "Leave now")
    assert Students(rooms).of(room) == ClassSet(rooms).all(room) == []


def test_a_class_that_goes_while_one_is_in_it_is_said_once(rooms):
    room, teacher = rooms.make()
    _, query = student_of(rooms, room)
    app = open_page(**query)
    rooms.delete(teacher)
    assert "no longer here" in said(app.run())
    assert "class" not in address(app)
    assert "no longer here" not in said(app.run())


def test_a_run_of_a_student_learns_from_the_class_set_if_asked_to(rooms, no_trainers):
    room, _ = rooms.make()
    student, query = student_of(rooms, room)
    app = press(open_page("pages/train.py", **query), "Start training")
    ClassSet(rooms).add(student, 7, *seven())
    app.run().toggle(key="train_class_set").set_value(True).run()
    press(app, "Start training")
    assert sorted(extra_digits.read(run.folder) is None for run in run_store.list_runs(query["key"])) == [
        False,
        True,
    ]


def test_train_offers_the_class_set_to_students_of_a_class_that_has_one(rooms, no_trainers):
    room, _ = rooms.make()
    student, query = student_of(rooms, room)
    offers = [open_page("pages/train.py", **query)]
    ClassSet(rooms).add(student, 7, *seven())
    offers.append(open_page("pages/train.py", **{"class": query["class"]}))
    assert not any(toggle.key == "train_class_set" for page in offers for toggle in page.toggle)


def walls(app):
    return "".join(element.proto.body for element in app.get("html"))


def test_a_student_draws_what_is_asked_for_sends_it_and_takes_it_back(rooms):
    room, _ = rooms.make()
    _student, query = student_of(rooms, room)
    app = open_page(**query)
    assert app.subheader[0].value == "Draw a 1"
    assert next(button for button in app.button if button.label == "Send").disabled
    app.session_state["class_task_canvas_0"] = sent(png(SEVEN), [SEVEN])
    app.run()
    press(app, "Send")
    (drawing,) = ClassSet(rooms).all(room)
    assert (drawing.label, drawing.nickname) == (1, "Anna")
    assert app.subheader[0].value == "Draw a 2"
    press(app, "Take back the 1 that I sent last")
    assert ClassSet(rooms).all(room) == []
    assert app.subheader[0].value == "Draw a 1"


def test_what_is_asked_for_stays_while_it_is_drawn_whatever_others_send(rooms):
    room, _ = rooms.make()
    _student, query = student_of(rooms, room)
    other, _ = student_of(rooms, room, "Bo")
    app = open_page(**query)
    assert app.subheader[0].value == "Draw a 1"
    ClassSet(rooms).add(other, 1, *seven())  # now the class lacks others more
    app.session_state["class_task_canvas_0"] = sent(png(SEVEN), [SEVEN])
    assert app.run().subheader[0].value == "Draw a 1"
    press(app, "Send")
    assert [each.label for each in ClassSet(rooms).all(room)] == [1, 1]
    # Also what has been begun while the last one is taken back.
    asked = app.subheader[0].value
    state = sent(png(SEVEN), [SEVEN], load=app.session_state["class_task_sheet"].load)
    app.session_state["class_task_canvas_0"] = state
    press(app.run(), "Take back the 1 that I sent last")
    assert app.subheader[0].value == asked != "Draw a 1"


def test_several_digits_at_once_are_not_sent_and_stay_on_the_paper(rooms):
    room, _ = rooms.make()
    _, query = student_of(rooms, room)
    app = open_page(**query)
    pair = [[(x * 0.45 + left, y * 0.6 + 50) for x, y in SEVEN] for left in (5, 150)]
    app.session_state["class_task_canvas_0"] = sent(png(*pair), pair)
    app.run()
    press(app, "Send")
    assert "Draw a single 1; there are 2 digits on the paper." in said(app)
    assert ClassSet(rooms).all(room) == []
    assert app.session_state["class_task_sheet"].png


def test_a_student_who_may_send_no_more_is_thanked(rooms):
    room, teacher = rooms.make()
    student, query = student_of(rooms, room)
    ClassSet(rooms).add(student, 7, *seven())
    rooms.set_limits(teacher, most_drawings=1)
    assert "as many as one student may add" in said(open_page(**query))
    rooms.set_limits(teacher, most_drawings=5, drawings_open=False)
    app = open_page(**query)
    assert "closed the class set" in said(app)
    press(app, "Take back the 7 that I sent last")
    assert ClassSet(rooms).all(room) == []


def test_the_wall_shows_everybodys_digits_with_what_is_read_and_marks_misses(rooms):
    room, teacher = rooms.make()
    student, query = student_of(rooms, room, "<i>Anna")
    ClassSet(rooms).add(student, 7, *seven())
    ClassSet(rooms).add(student, 3, *seven(1))
    app = open_page(**query)
    shown = walls(app)
    assert shown.count("<figure") == 2 and shown.count('class="miss"') == 1
    assert "✗ 3 → 7" in shown and "<i>" not in shown
    app.segmented_control(key="wall").set_value("Misread").run()
    assert "3 read as 7 · 1 drawing" in walls(app) and walls(app).count("<figure") == 1
    rooms.set_limits(teacher, network="mlp-128-128")
    assert "mlp-128-128" in said(app.run())


def test_of_each_wall_only_the_newest_is_kept(rooms, monkeypatch):
    made = class_wall._Made()
    monkeypatch.setattr(class_wall, "_MADE", made)
    room, _ = rooms.make()
    student, query = student_of(rooms, room, "Anna")
    for number in range(3):
        ClassSet(rooms).add(student, 7, *seven(number))
        assert walls(open_page(**query)).count("<figure") == number + 1
    assert len(made._known) == 1


def test_the_projection_shows_the_code_who_is_there_and_the_wall_and_no_secret(rooms):
    room, teacher = rooms.make()
    student, query = student_of(rooms, room)
    ClassSet(rooms).add(student, 7, *seven())
    app = open_page(**{"class": room.invitation, "view": "projection"})
    shown = walls(app)
    assert "<br>".join(room.code.split()) in shown and "data:image/svg+xml;base64," in shown
    assert "<span>Anna</span>" in shown and "<figure" in shown
    # Opened by the teacher's own browser too: the key that it keeps is neither shown nor used.
    own = open_page(teacher=teacher, view="projection", **{"class": room.invitation})
    for page in (app, own):
        everything = said(page) + walls(page) + str([button.label for button in page.button])
        assert not any(secret in everything for secret in (teacher, query["key"], student.owner))
        assert not page.tabs
    assert "teacher" not in address(own)


def test_an_address_that_projects_no_class_is_the_page_itself(rooms):
    app = open_page(view="projection")
    assert "Open your class" in said(app)
    assert "view" not in address(app)


def test_the_teacher_opens_the_projection_and_chooses_what_reads_the_wall(rooms):
    room, teacher = rooms.make()
    app = tab(open_page(teacher=teacher), "Teacher")
    link = app.get("link_button")[0].proto.url
    assert link.endswith(f"?class={room.invitation}&view=projection") and teacher not in link
    app.selectbox(key="class_network_of_wall").set_value("simple-cnn").run()
    assert rooms.find(room.code).network == "simple-cnn"


def with_model(run):
    """The run with the shipped perceptron's file as its own."""
    shutil.copyfile(paths.MODELS / "mlp-128-128.tflite", run.file("model.tflite"))
    digest = model_store.file_sha256(run.file("model.tflite"))
    size = run.file("model.tflite").stat().st_size
    card = run.card() | {"files": {"model.tflite": {"sha256": digest, "bytes": size}}}
    files.write_json(run.file("card.json"), card)


def test_the_challenge_of_the_smallest_network_begins_with_20_drawings_and_shows_the_test_at_the_end(rooms):
    room, teacher = rooms.make()
    student, query = student_of(rooms, room)
    app = tab(open_page(**query), "Challenges")
    assert "the challenge begins when our class set has 20 drawings; it has 0" in said(app)
    digits, labels = datasets.load("mnist", "validation")
    for place in range(20):
        grey = np.full((28, 28), place, np.uint8)
        ClassSet(rooms).add(student, int(labels[place]), digits[place] / np.float32(255), grey)
    assert "No network yet" in said(app.run())
    with_model(finished(query["key"], test=321, name="tiny"))
    shown = said(app.run())
    row = r"\| 1 \| \*\*\w+\*\* \(you\) :small\[tiny · mlp-128, validation 98.0%\] \| \*\*118,282\*\*"
    assert re.search(row, shown), shown
    assert "your teacher reveals it" in shown and "96.8%" not in shown
    rooms.set_limits(teacher, revealed=True)
    assert "validation 98.0%, test 96.8%]" in said(app.run())


def test_the_smallest_changes_stand_on_the_class_and_the_teacher_removes_one(rooms):
    room, key = rooms.make()
    student, query = student_of(rooms, room)
    name = wall.network_of(room)
    digits, labels = datasets.load("mnist", "validation")
    before, after = (digits[labels == label][0] for label in (7, 2))
    Fooling(rooms).send(
        student, wall.identity(name), model_store.load(name), before, after, before / np.float32(255)
    )
    app = tab(open_page(**query), "Challenges")
    shown = "".join(html.proto.body for html in app.get("html"))
    assert "7 read as 2" in shown and 'class="own"' in shown
    assert "Remove the change" not in [button.label for button in app.button]
    projected = open_page(view="projection", **{"class": room.invitation})
    projected = projected.segmented_control(key="projection_show").set_value("The challenges").run()
    shown = "".join(html.proto.body for html in projected.get("html"))
    assert "7 read as 2" in shown and 'class="own"' not in shown and 'joining">' not in shown
    assert not projected.button and not projected.get("page_link"), "nobody clicks on a wall"
    app = press(tab(open_page(teacher=key), "Challenges"), "Remove the change")
    assert "Nobody yet" in said(app)


def claim(before, after):
    return base64.b64encode(before.tobytes() + after.tobytes()).decode()


def test_a_change_that_a_browser_claims_is_checked_by_the_class_network_and_told(rooms, monkeypatch):
    room, _ = rooms.make()
    student, _ = student_of(rooms, room)
    name = wall.network_of(room)
    monkeypatch.setattr(membership, "room", lambda: room)
    monkeypatch.setattr(membership, "student", lambda of: student)
    state = {}
    monkeypatch.setattr(class_game.st, "session_state", state)
    assert class_game.offered(name) == {"title": "digitnet", "here": True, "smallest": None, "said": ""}
    assert not class_game.offered("mlp-128-128")["here"]
    paper = canvas.sheet("draw")
    paper.states = [("{}", png(SEVEN))]
    drawn = normalisation.read(images.decode(png(SEVEN))).picture
    before = np.rint(255 * drawn).astype(np.uint8)
    digits, labels = datasets.load("mnist", "validation")
    after = digits[labels == 2][0]

    def told(what):
        class_game.take(what, "draw")
        return class_game.offered(name)

    for nonsense in (None, 7, "%%%", claim(before, before)[:-8], ["a"]):
        assert "this one is something else" in told(nonsense)["said"]
    assert "nothing on the paper" in told(claim(0 * before, after))["said"]
    assert "is not fooled: it reads 7." in told(claim(before, before))["said"]
    assert "Only a change of the drawing on your paper counts" in told(claim(after, before))["said"]
    answer = told(claim(before, after))
    assert answer["said"].startswith("It is on your class's board: changed by ") and answer["smallest"]
    assert "Your smallest is smaller" in told(claim(before, after))["said"]
    paper.states = []
    assert "The drawing" in told(claim(before, after))["said"]
    monkeypatch.setattr(membership, "student", lambda of: None)
    assert class_game.offered(name) is None
    class_game.take(claim(before, after), "draw")
    assert "Join a class first" in state[class_game._SAID]


def test_a_class_draws_symbols_that_its_teacher_names_and_learns_from_them(rooms, monkeypatch):
    app = open_page()
    app.segmented_control(key="class_draws").set_value("Symbols of our own").run()
    press(app, "Make a class")
    assert "2 to 20 different symbols; got 0" in said(app) and "teacher" not in address(app)
    app.text_input(key="class_symbols").set_value("+, =, full stop").run()
    room = rooms.of_teacher(address(press(app, "Make a class"))["teacher"])
    assert room.class_names == ("+", "=", "full stop")
    assert [each.label for each in app.tabs] == ["Wall", "Our symbols", "Teacher"]
    assert "let everybody draw each symbol" in said(app)
    switches = [toggle.label for toggle in tab(app, "Teacher").toggle]
    assert len(switches) == 2 and not any("board" in label for label in switches)
    student, query = student_of(rooms, room)
    phone = open_page(**query)
    assert r"Draw: \=" in said(phone)  # the second student begins with another one
    equals = [[(60, 110), (220, 110)], [(60, 170), (220, 170)]]
    phone.session_state["class_task_canvas_0"] = sent(png(*equals), equals)
    press(phone.run(), "Send")  # two strokes apart are one symbol
    assert [drawing.label for drawing in ClassSet(rooms).all(room)] == [1]
    assert any(button.label == r"Take back the \= that I sent last" for button in phone.button)
    assert "at least two symbols" in said(tab(open_page(**query), "Our symbols"))
    for label, number in [(0, n) for n in range(10)] + [(1, n) for n in range(11)]:
        grey = signs.drawn("+=x"[label], number)
        ClassSet(rooms).add(student, label, normalisation.read(grey).picture, grey)
    page = tab(open_page(**query), "Our symbols")
    assert "**full stop** | 0" in said(page) and "1 symbol has too few drawings" in said(page)
    asked = []
    monkeypatch.setattr(
        "pages.shared.made_sets.own_data.ask", lambda *what: asked.append(what) or own.new_name()
    )
    opened = []
    monkeypatch.setattr("streamlit.switch_page", opened.append)
    press(page, "Make a data set of our drawings")
    assert opened == ["pages/data.py"]
    ((key, [(_, _archive)], title, _seed, names, drawn_by),) = asked
    assert (key, title, names) == (query["key"], f"Drawn by {room.code}", ["+", "="]) and drawn_by == room.id
    projected = open_page(**{"class": room.invitation, "view": "projection"})
    assert projected.segmented_control(key="projection_show").options == ["Code and wall", "Wall alone"]
    assert 'alt="= by Anna"' in walls(open_page(**query)) and "read as" not in walls(page)


def test_a_network_of_the_class_reads_the_wall_of_its_symbols(rooms, monkeypatch):
    """The network that a student has trained knows two of the three, and takes each for an equals sign."""
    room, teacher = rooms.make(("+", "=", "x"))
    student, query = student_of(rooms, room)
    for label in range(3):
        grey = signs.drawn("+=x"[label], label)
        ClassSet(rooms).add(student, label, normalisation.read(grey).picture, grey)
    assert "No network reads these symbols yet" in said(open_page(**query))
    assert "Misread" not in open_page(**query).segmented_control(key="wall").options

    class Network:
        class_names, reads_digits, title = ("+", "="), False, "ours"

        def predict(self, pictures):
            return np.tile(np.float32([0.1, 0.9]), (len(pictures), 1))

    monkeypatch.setattr(networks, "LOOK_SECONDS", 0.0)
    monkeypatch.setattr(networks, "_load", lambda folder: Network())
    finished(query["key"], name="ours", extra={"class_names": ["+", "="]})
    finished(query["key"], name="digits")
    app = open_page(**query)
    text = said(app)
    assert "Read by **Anna" in text and "ours**" in text and "those that came later" in text
    assert "<b>✗ + → =</b>" in walls(app) and walls(app).count("✗") == 1
    assert "Misread" in app.segmented_control(key="wall").options
    chosen = tab(open_page(teacher=teacher), "Teacher").selectbox(key="class_network_of_wall")
    assert chosen.options == ["Anna: ours"]
