"""A sheet on a table is cut out; what only looks like one stays."""

import cv2
import numpy as np

from digitcore.preprocessing import sheet


def test_a_sheet_on_a_table_is_cut_out_and_a_shadow_is_not():
    grey = np.full((300, 400), 40, np.uint8)
    grey[60:240, 80:330] = 220
    grey[120:180, 150:160] = 30
    part, left, top = sheet.alone(grey)
    assert 80 <= left <= 95 and 60 <= top <= 75
    assert part.min() == 30 and np.median(part[0]) == 220
    soft = cv2.GaussianBlur(grey, (0, 0), 30)
    assert sheet.alone(soft)[0] is soft


def test_a_nought_is_no_sheet():
    grey = np.zeros((200, 160), np.uint8)
    cv2.ellipse(grey, (80, 100), (50, 70), 0, 0, 360, 255, 30)
    assert sheet.alone(grey)[0] is grey


def test_lamplight_on_a_page_is_no_sheet_however_sharp_the_writing_in_it_is():
    grey = np.full((300, 400), 40, np.uint8)
    grey[60:240, 80:330] = 220
    grey = cv2.GaussianBlur(grey, (0, 0), 12)
    grey[120:180, 150:160] = 10
    assert sheet.alone(grey)[0] is grey


def test_a_page_that_fills_the_picture_stays():
    grey = np.full((300, 400), 210, np.uint8)
    cv2.putText(grey, "4", (170, 180), cv2.FONT_HERSHEY_SIMPLEX, 3, 30, 7)
    assert sheet.alone(grey)[0] is grey


def test_a_drawing_is_told_by_its_outlines_and_a_sheet_drawn_on_an_even_table_is_not(monkeypatch):
    drawing = np.full((250, 200), 255, np.uint8)
    cv2.putText(drawing, "5", (30, 210), cv2.FONT_HERSHEY_SIMPLEX, 7, 0, 25)
    table = np.full((300, 300), 60, np.uint8)
    corners = cv2.boxPoints(((150, 150), (180, 130), 20)).astype(np.int32)
    cv2.fillPoly(table, [corners], 230)
    cv2.putText(table, "5", (125, 180), cv2.FONT_HERSHEY_SIMPLEX, 2.5, 40, 6)
    assert sheet.alone(table)[0].shape != table.shape
    monkeypatch.setattr(sheet, "_sheet", None)
    assert sheet.alone(drawing)[0] is drawing


def test_a_sheet_keeps_the_corner_on_which_a_shadow_lies():
    grey = np.full((300, 400), 20, np.uint8)
    grey[15:, 15:385] = 215
    down, right = np.mgrid[:300, :400]
    grey[(grey == 215) & (down + 0.5 * right < 130)] = 110
    for left in range(60, 360, 50):
        grey[60:90, left : left + 8] = 40
        grey[250:280, left : left + 8] = 40
    part, left, top = sheet.alone(grey)
    assert top < 40 and left < 40
    count, *_ = cv2.connectedComponentsWithStats((part < 80).view(np.uint8))
    assert count == 1 + 12
