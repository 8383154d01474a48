// Strokes of which the server has not said yet that it has them. One drawn while a press waits would become part of
// what is pressed for, and one drawn while the page does what was pressed would be gone when the canvas loads what
// comes of it. Such a stroke is shown over the paper, and drawn on the canvas afterwards. It imports nothing.

const BEGIN = ["pointerdown", "mousedown", "touchstart"]
const MOVE = ["pointermove", "mousemove", "touchmove"]
const END = ["pointerup", "pointercancel", "mouseup", "touchend", "touchcancel"]
const PAPER = "canvas.upper-canvas"
const REDRAWN = 2 // how often a stroke is drawn again that the canvas does not show: it may be beside the paper
const TOUCHED = 450 // milliseconds after a finger in which the canvas takes no mouse, lest one touch counts twice (Fabric)

export class HeldStrokes {
  // mustWait: whether a stroke that begins now has to. ended(stroke): the pen is lifted; a stroke that is `held` is not
  // on the canvas.
  constructor(mustWait, ended) {
    this.mustWait = mustWait
    this.ended = ended
    this.pen = 18 // its width in pixels of the paper
    this.now = null // the stroke under the pen
    this.unknown = [] // strokes that are on the canvas, but perhaps not on the server
    this.touched = -Infinity
    this.drawing = false // whether these events are our own
    this.hear = (event) => this.heard(event)
    for (const name of [...BEGIN, ...MOVE, ...END]) window.addEventListener(name, this.hear, { capture: true, passive: false })
  }

  end() {
    for (const name of [...BEGIN, ...MOVE, ...END]) window.removeEventListener(name, this.hear, true)
    this.now?.hide()
  }

  // Whether a pen is on the canvas itself.
  get isOnCanvas() {
    return this.now !== null && !this.now.held
  }

  heard(event) {
    if (this.drawing) return
    const canvas = event.composedPath().find((node) => node.matches?.(PAPER))
    // A mouse or a finger has pointer events too, and the keyboard's pen nothing but a mouse's.
    const pen = event.isTrusted ? event.type.startsWith("pointer") : event.type.startsWith("mouse")
    const ours = pen && this.now?.pointer === event.pointerId
    if (BEGIN.includes(event.type) && canvas && pen && (!this.now || ours)) {
      this.lift() // the one before was lifted where nobody heard of it
      this.now = new Stroke(canvas, event.pointerId, this.pen)
      if (this.mustWait()) this.now.hold()
      this.now.add(event)
    } else if (MOVE.includes(event.type) && ours) this.now.add(event)
    const held = this.now?.held
    if (END.includes(event.type)) {
      if (event.type.startsWith("touch") && canvas) this.touched = performance.now()
      if (ours) this.lift()
    }
    if (!held || !canvas) return
    event.stopImmediatePropagation()
    if (event.type === "touchstart") event.preventDefault() // or a mouse would be made of it
  }

  lift() {
    const stroke = this.now
    this.now = null
    if (stroke) this.ended(stroke)
  }

  // The canvas has loaded something: returns the strokes that it has lost by that.
  loaded() {
    const lost = this.unknown
    this.unknown = []
    this.now?.hold()
    for (const stroke of lost) stroke.hold()
    return lost
  }

  // Of the strokes that may be unknown, the newest so many are.
  keep(count) {
    this.unknown = count > 0 ? this.unknown.slice(-count) : []
  }

  get areShown() {
    return this.unknown.every((stroke) => stroke.isShown)
  }

  // Returns the strokes that the canvas should show by now and does not: it has loaded something while it was about to.
  missing() {
    const missing = this.unknown.filter((stroke) => !stroke.isShown)
    this.unknown = this.unknown.filter((stroke) => !missing.includes(stroke))
    const again = missing.filter((stroke) => stroke.drawn < REDRAWN)
    for (const stroke of again) stroke.hold()
    return again
  }

  get canDraw() {
    return !this.now && performance.now() >= this.touched + TOUCHED
  }

  // Draw it on the canvas, as it was drawn.
  draw(stroke) {
    this.drawing = true
    stroke.draw()
    this.drawing = false
    this.unknown.push(stroke)
  }
}

class Stroke {
  constructor(canvas, pointer, pen) {
    Object.assign(this, { canvas, pointer, pen })
    this.points = [] // in widths and heights of the paper
    this.ink = null
    this.drawn = 0 // how often it was drawn again
  }

  get held() {
    return this.ink !== null
  }

  // Whether the canvas has ink where the stroke is: at its ends, and amid one of its parts. It rounds corners off.
  get isShown() {
    const drawn = this.canvas.parentElement?.querySelector("canvas.lower-canvas")
    if (!drawn || !this.points.length) return true // its page was left
    const middle = (this.points.length - 1) >> 1
    const [from, to] = [this.points[middle], this.points[middle + 1] ?? this.points[middle]]
    const amid = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]
    const onPaper = ([x, y]) => Math.min(x, y) >= 0 && Math.max(x, y) < 1
    const points = [this.points[0], amid, this.points.at(-1)].filter(onPaper)
    return points.every(([x, y]) => isInked(drawn, x * drawn.width, y * drawn.height))
  }

  add(event) {
    const box = this.canvas.getBoundingClientRect()
    this.points.push([(event.clientX - box.x) / box.width, (event.clientY - box.y) / box.height])
    this.show()
  }

  // It is shown over the paper from now on, and not on it.
  hold() {
    this.ink ??= document.createElement("canvas")
    Object.assign(this.ink, { className: "held", width: this.canvas.width, height: this.canvas.height })
    this.canvas.closest(".dc-container")?.append(this.ink)
    this.show()
  }

  hide() {
    this.ink?.remove()
    this.ink = null
  }

  show() {
    if (!this.points.length || !this.ink) return
    const context = this.ink.getContext("2d")
    context.clearRect(0, 0, this.ink.width, this.ink.height)
    Object.assign(context, { lineWidth: this.pen, lineCap: "round", lineJoin: "round" })
    context.beginPath()
    for (const [x, y] of [this.points[0], ...this.points]) context.lineTo(x * this.ink.width, y * this.ink.height)
    context.stroke()
  }

  draw() {
    this.hide()
    this.drawn += 1
    if (!this.canvas.isConnected) return
    const box = this.canvas.getBoundingClientRect()
    const send = (type, [x, y], buttons) =>
      this.canvas.dispatchEvent(new MouseEvent(type, {
        bubbles: true, cancelable: true, composed: true, view: window, button: 0, buttons,
        clientX: box.x + x * box.width, clientY: box.y + y * box.height,
      })) // prettier-ignore
    send("mousedown", this.points[0], 1)
    for (const point of this.points.slice(1)) send("mousemove", point, 1)
    send("mouseup", this.points.at(-1), 0)
  }
}

// Whether a canvas has ink there, in its pixels.
export function isInked(canvas, x, y) {
  const [red, , , alpha] = canvas.getContext("2d").getImageData(Math.floor(x), Math.floor(y), 1, 1).data
  return alpha > 127 && red < 128
}
