// Numbers as pictures: blue above zero and orange below, on the page's own ground. The colours are Okabe and Ito's,
// which people with any kind of colour vision can tell apart.

const BLUE = [0, 114, 178]
const ORANGE = [213, 94, 0]

export const dark = (element) => {
  const [r, g, b] = (getComputedStyle(element).getPropertyValue("--st-background-color").match(/\w\w/g) ?? ["ff"])
    .map((part) => parseInt(part, 16))
  return (r ?? 255) + (g ?? r) + (b ?? r) < 384
}

// Draws values (height x width, row by row) into a canvas, one pixel each; `most` gets the full colour.
export function paintSigned(canvas, values, width, height, most, night) {
  const image = sized(canvas, width, height)
  const ground = night ? 20 : 247
  for (let i = 0; i < values.length; i++) {
    const share = Math.max(-1, Math.min(1, values[i] / (most || 1)))
    const colour = share < 0 ? ORANGE : BLUE
    for (let c = 0; c < 3; c++)
      image.data[4 * i + c] = ground + Math.abs(share) * ((night ? brighter(colour[c]) : colour[c]) - ground)
    image.data[4 * i + 3] = 255
  }
  canvas.getContext("2d").putImageData(image, 0, 0)
}

const brighter = (level) => Math.min(255, level + 70)

// A digit as MNIST has it: bright ink on black.
export function paintDigit(canvas, picture) {
  const image = sized(canvas, 28, 28)
  for (let i = 0; i < 784; i++) {
    image.data.fill(255 * picture[i], 4 * i, 4 * i + 3)
    image.data[4 * i + 3] = 255
  }
  canvas.getContext("2d").putImageData(image, 0, 0)
}

// Ink in grey, and over it what speaks for the answer (blue) and against it (orange).
export function paintOver(canvas, picture, heat, most) {
  const image = sized(canvas, 28, 28)
  for (let i = 0; i < 784; i++) {
    const share = Math.max(-1, Math.min(1, heat[i] / (most || 1)))
    const weight = Math.sqrt(Math.abs(share))
    const colour = share < 0 ? [255, 140, 40] : [60, 170, 255]
    for (let c = 0; c < 3; c++)
      image.data[4 * i + c] = (1 - weight) * 130 * picture[i] + weight * colour[c]
    image.data[4 * i + 3] = 255
  }
  canvas.getContext("2d").putImageData(image, 0, 0)
}

function sized(canvas, width, height) {
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  return canvas.getContext("2d").createImageData(width, height)
}

export const largest = (values) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes))
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value)
    else if (value === true) made.setAttribute(name, "")
    else if (value !== false && value != null) made.setAttribute(name, value)
  made.append(...children)
  return made
}

// New children in place of the old ones. If one of them had the keyboard's focus, the new one with the same data-key
// gets it. Children that are the same as before stay, so that a click on them is not lost.
export function refill(place, ...children) {
  const key = place.getRootNode().activeElement?.closest?.("[data-key]")?.dataset.key
  const held = key !== undefined && place.contains(place.getRootNode().activeElement)
  place.replaceChildren(...children)
  if (held) place.querySelector(`[data-key="${key}"]`)?.focus({ preventScroll: true })
}

export const number = (value) =>
  Math.abs(value) < 1e-9 ? "0" : written(Number(value.toPrecision(3)).toString().replace("-", "−"))

// Whether the classes are digits; for clothes, "no digit" would mean nothing.
export const areDigits = (names) => names.every((name) => /^\d$/.test(name))

// What a network says of a picture, in words, as the library's `text` is in English.
export function inWords(answer, names) {
  if (!answer.isDigit) return areDigits(names) ? _("This does not look like a digit") : _("This looks like nothing it knows")
  if (answer.accepted) return names[answer.label]
  return _("{answer}, or perhaps {second}", { answer: names[answer.label], second: names[answer.second] })
}

// The same with its share: "7 (99.3%)".
export const withShare = (answer, names) => `${inWords(answer, names)} (${percent(answer.confidence)})`
