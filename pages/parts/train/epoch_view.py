"""What a network knew after an epoch, as HTML that is updated in place: the visitor's digits, the row of
validation pictures, the first layer's weights and the confusion matrix.

HTML, because all of it changes with each step of a slider: charts would be rebuilt, and pictures fetched.
"""

import base64
import html
import io
from collections.abc import Sequence

import numpy as np
import streamlit as st
from PIL import Image

from digitcore.runs.recording import Frame
from pages.shared.language import N_, _, number
from pages.shared.probabilities import shown
from pages.shared.tiles import picture

NONE = N_("no digit")
# Okabe and Ito's blue and vermilion, which people with any colour vision can tell apart.
BLUE, ORANGE = (0, 114, 178), (213, 94, 0)
# Shades stay pale enough (light theme) or dark enough (dark theme) for text on them to keep 4.5:1.
STRONGEST = 0.55
COLUMNS, GAP = 8, 3


def own_digits(frames: Sequence[Frame], names: Sequence[str]) -> None:
    """The visitor's digits in the newest frame: the answer, all probabilities, and the answers before it."""
    newest = frames[-1]
    cards = []
    for place, drawn in enumerate(newest.own):
        story = []
        for frame in frames:
            same = np.flatnonzero((frame.own == drawn).all((1, 2)))
            if len(same):
                best = int(frame.own_answers[same[0]].argmax())
                if not story or story[-1][1] != best:
                    story.append((frame.epoch, best))
        path = " → ".join(
            f"{said(best, names)} <small>({_('epoch {epoch}', epoch=epoch)})</small>" for epoch, best in story
        )
        answers = newest.own_answers[place]
        best = int(answers.argmax())
        cards.append(
            '<div style="display:flex;gap:12px;align-items:center;flex-wrap:wrap">'
            + picture(drawn, _("Your digit {number}", number=place + 1), 84)
            + "<div><div>"
            + _(
                "Epoch {epoch}: {answer} with {share}",
                epoch=newest.epoch,
                answer=f'<strong style="font-size:1.25rem">{said(best, names)}</strong>',
                share=html.escape(shown(answers[best])),
            )
            + f"</div>{_bars(answers, names)}</div>"
            + (f'<div style="flex-basis:100%;font-size:0.875rem">{path}</div>' if len(story) > 1 else "")
            + "</div>"
        )
    st.html(f'<div style="display:flex;flex-direction:column;gap:16px">{"".join(cards)}</div>')


def row(images: np.ndarray, labels: np.ndarray, frame: Frame, names: Sequence[str]) -> None:
    """Each validation picture of the row with its answer; a wrong one is framed and marked with a cross."""
    figures = []
    for image, label, answers in zip(images, labels, frame.answers, strict=True):
        best = int(answers.argmax())
        right = best == label
        edge = "" if right else f"outline:3px solid rgb{ORANGE}"
        alt = _("{label}, read as {answer}", label=names[label], answer=said(best, names))
        figures.append(
            f'<figure style="margin:0;width:60px;text-align:center">{picture(image, alt, 56, edge)}'
            f'<figcaption style="font-size:0.8125rem;line-height:1.3;margin-top:4px">{"" if right else "✗ "}'
            f"<strong>{said(best, names)}</strong> {_short_share(answers[best])}</figcaption></figure>"
        )
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:8px 6px">{"".join(figures)}</div>')


def weights(frame: Frame, scale: float, most: int | None = None) -> None:
    """The first layer's weights as pictures: blue above zero, orange below, full colour from `scale` on.

    most: the most units that are shown.
    """
    shown_units = frame.weights[:most]
    units, height, width = shown_units.shape
    if not units:
        return
    enlarged = max(2, 48 // max(height, width))
    image = Image.fromarray(sprite(shown_units.astype(np.float32) / (scale or 1), enlarged), "P")
    image.putpalette(_palette().ravel().tolist())
    file = io.BytesIO()
    image.save(file, "PNG", transparency=255)
    data = base64.b64encode(file.getvalue()).decode()
    alt = html.escape(_("Weights of {n} units after epoch {epoch}", n=units, epoch=frame.epoch))
    st.html(
        f'<img src="data:image/png;base64,{data}" alt="{alt}" '
        f'style="width:100%;max-width:{image.width}px;image-rendering:pixelated;display:block">'
    )


def sprite(values: np.ndarray, enlarged: int) -> np.ndarray:
    """(units, height, width) floats, -1 to 1 -> (h, w) uint8 shades, 0 to 254; 255 in the gaps between."""
    units, height, width = values.shape
    shades = np.rint(np.clip(np.nan_to_num(values), -1, 1) * 127 + 127).astype(np.uint8)
    shades = shades.repeat(enlarged, 1).repeat(enlarged, 2)
    columns = min(COLUMNS, units)
    rows = -(-units // columns)
    high, wide = height * enlarged + GAP, width * enlarged + GAP
    grid = np.full((rows * high - GAP, columns * wide - GAP), 255, np.uint8)
    for unit, tile in enumerate(shades):
        top, left = unit // columns * high, unit % columns * wide
        grid[top : top + high - GAP, left : left + wide - GAP] = tile
    return grid


def weights_scale(frames: Sequence[Frame]) -> float:
    """One scale for a whole run, so that growth is visible: its largest final weight, outliers aside."""
    last = np.abs(frames[-1].weights.astype(np.float32))
    return float(np.percentile(last, 99.5)) if last.size else 1.0


def confusion(frame: Frame, names: Sequence[str]) -> None:
    """Counts by class and answer; blue is right, orange is wrong, and a stronger colour is a larger share of
    its class."""
    counts = frame.confusion
    shares = counts / np.maximum(1, counts.sum(1, keepdims=True))
    columns = [said(output, names) for output in range(counts.shape[1])]
    head = "".join(f'<th scope="col">{_short(name)}</th>' for name in columns)
    body = []
    for true, cells in enumerate(counts):
        tds = []
        for answer, count in enumerate(cells):
            red, green, blue = BLUE if answer == true else ORANGE
            alpha = STRONGEST * np.sqrt(shares[true, answer])
            style = f"background:rgba({red},{green},{blue},{alpha:.2f})"
            title = _("{label} read as {answer}: {n:,}", label=names[true], answer=columns[answer], n=count)
            tds.append(f'<td style="{style}" title="{html.escape(title)}">{count or ""}</td>')
        body.append(f'<tr><th scope="row">{_short(names[true])}</th>{"".join(tds)}</tr>')
    about = _(
        "Confusion matrix after epoch {epoch}: rows what it was, columns what was read", epoch=frame.epoch
    )
    st.html(
        "<style>.epoch-confusion{border-collapse:separate;border-spacing:1px;table-layout:fixed;width:100%;"
        "max-width:480px;font-size:0.8125rem}.epoch-confusion td,.epoch-confusion th{text-align:center;"
        "height:28px;padding:0;font-weight:400;border:none}.epoch-confusion th{opacity:0.75}</style>"
        f'<table class="epoch-confusion" aria-label="{html.escape(about)}"><tr><td></td>{head}</tr>'
        f"{''.join(body)}</table>"
    )


def said(answer: int, names: Sequence[str]) -> str:
    """The name of an output; one more may follow the classes."""
    return html.escape(names[answer]) if answer < len(names) else _(NONE)


def _short_share(share: float) -> str:
    """HTML of a share, with decimals only near a hundred: "98%", "99.7%"."""
    return html.escape(shown(share)) if share >= 0.995 else number(share, ".0%")


def _short(name: str) -> str:
    return "–" if name == _(NONE) else html.escape(name[:4])


def _bars(answers: np.ndarray, names: Sequence[str]) -> str:
    """All probabilities as upright bars, one per class."""
    best = int(answers.argmax())
    bars = []
    for output, share in enumerate(answers):
        colour = f"rgb{BLUE}" if output == best else "rgba(128,128,128,0.8)"
        name = f"{said(output, names)}: {html.escape(shown(share))}"
        bars.append(
            f'<div title="{name}" style="width:20px;text-align:center;font-size:0.75rem">'
            '<div style="height:40px;display:flex;align-items:flex-end;border-bottom:1px solid gray">'
            f'<div style="width:14px;margin:auto auto 0;height:{max(0.0, share) * 40:.0f}px;'
            f'background:{colour}"></div></div>{_short(said(output, names))[:2]}</div>'
        )
    about = html.escape(_("All probabilities"))
    return f'<div style="display:flex;gap:2px" role="img" aria-label="{about}">{"".join(bars)}</div>'


def _palette() -> np.ndarray:
    """(256, 3) uint8: from orange through near-white to blue; the last is transparent."""
    middle = np.array([247, 247, 247])
    away = np.abs(np.linspace(-1, 1, 255))[:, np.newaxis]
    ends = np.where(np.arange(255)[:, np.newaxis] < 127, ORANGE, BLUE)
    return np.vstack([np.rint(middle + away * (ends - middle)), middle]).astype(np.uint8)
