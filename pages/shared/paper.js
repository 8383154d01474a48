// What the canvas of streamlit-drawable-canvas lacks: a name for screen readers, a width that fits a phone, and a
// pen for the keyboard. Its toolbar is removed: it is invisible until a mouse hovers over it, but covers the paper's
// upper right corner and swallows a finger's first stroke there (0.13.0). All of this is in a shadow root, out of
// reach of style sheets.

const CELL = 10 // pixels of the paper: the square paper has 28 x 28 cells, as the picture that a network reads
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }
const name = () =>
  _("Paper: draw a digit or a number here. With the keyboard: the arrow keys walk over a grid, Space inks a cell, " +
  "Shift with an arrow key draws a line, Backspace takes back the last stroke.")
const STYLE = `
.dc-toolbar { display: none !important }
.dc-container { touch-action: none }
.grid { position: absolute; inset: 0; z-index: 12; pointer-events: none; display: none;
  background: linear-gradient(90deg, #8886 1px, #0000 1px), linear-gradient(#8886 1px, #0000 1px) }
.grid.shown { display: block }
.held { position: absolute; inset: 0; z-index: 11; pointer-events: none }
.cell { position: absolute; box-sizing: border-box; border: 2px solid #d55e00; box-shadow: 0 0 0 1px #fff }
canvas.upper-canvas:focus-visible { outline: 3px solid var(--st-primary-color, #0072b2) !important; outline-offset: 2px }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
.dc-root, .dc-scroll { max-width: none; overflow: visible }
.dc-container { width: calc(var(--paper) * var(--shape)) !important; height: var(--paper) !important }
.dc-container .canvas-container, .dc-container canvas { width: 100% !important; height: 100% !important }`
const PENS = new WeakMap()
const PRESSES = new WeakMap()
const TIMERS = new WeakMap()
const FRAMES = new WeakMap()

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  speak(data?.words)
  // Called anew with each answer of the server; what it returned last is called when the canvas goes.
  const presses = PRESSES.get(parentElement) ?? new HeldPresses()
  PRESSES.set(parentElement, presses)
  presses.ask = (number) => setStateValue("asked", number)
  presses.told(data.strokes, data.asked, data.load, data.pen)
  const style = new CSSStyleSheet()
  style.replaceSync(STYLE)
  const finish = () => {
    let found = false
    for (const host of document.querySelectorAll('[data-testid="stBidiComponentIsolated"]')) {
      const canvas = host.shadowRoot?.querySelector("canvas.upper-canvas")
      if (!canvas) continue
      found = true
      if (!PENS.has(canvas)) {
        host.shadowRoot.adoptedStyleSheets = [...host.shadowRoot.adoptedStyleSheets, style]
        PENS.set(canvas, new KeyboardPen(canvas, host.shadowRoot.querySelector(".dc-container")))
        host.dataset.paper = "finished" // it is seen from now on, and hears the pen (style.css)
      }
      PENS.get(canvas).undo = () => presses.act("undo", () => setTriggerValue("undo", true))
    }
    return found
  }
  // The canvas may appear later than this script, and another one in its place. The first is finished before it is
  // painted.
  const first = () => finish() || FRAMES.set(parentElement, requestAnimationFrame(first))
  const rest = () => {
    clearInterval(TIMERS.get(parentElement))
    cancelAnimationFrame(FRAMES.get(parentElement))
  }
  rest()
  first()
  TIMERS.set(parentElement, setInterval(finish, 100))
  return () => {
    rest()
    presses.end()
    PRESSES.delete(parentElement)
  }
}

// Walks over the paper in a grid and inks cells with the paper's own pen, by sending it mouse events: the result is
// a drawing like any other.
class KeyboardPen {
  constructor(canvas, container) {
    this.canvas = canvas
    this.columns = Math.floor(canvas.width / CELL)
    this.rows = Math.floor(canvas.height / CELL)
    this.at = [Math.floor(this.columns / 2), Math.floor(this.rows / 4)]
    container.style.setProperty("--shape", canvas.width / canvas.height)
    this.grid = document.createElement("div")
    this.grid.className = "grid"
    this.grid.style.backgroundSize = `${100 / this.columns}% ${100 / this.rows}%`
    this.cell = document.createElement("div")
    this.cell.className = "cell"
    this.cell.style.width = `${100 / this.columns}%`
    this.cell.style.height = `${100 / this.rows}%`
    this.grid.append(this.cell)
    this.place = document.createElement("div")
    this.place.className = "unseen"
    this.place.setAttribute("role", "status")
    container.append(this.grid, this.place)
    canvas.setAttribute("role", "application")
    canvas.setAttribute("aria-label", name())
    canvas.tabIndex = 0
    canvas.addEventListener("keydown", (event) => this.press(event))
    const show = () => this.grid.classList.toggle("shown", canvas.matches(":focus-visible"))
    canvas.addEventListener("focus", show)
    canvas.addEventListener("blur", show)
    this.mark()
  }

  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    if (event.key in ARROWS) this.walk(...ARROWS[event.key], event.shiftKey)
    else if (event.key === " ") this.ink(this.at, this.at)
    else if (event.key === "Backspace") this.undo()
    else return
    event.preventDefault() // or the page would scroll
    this.grid.classList.add("shown")
    this.mark()
    if (event.key === "Backspace") this.place.textContent = _("The last stroke is taken back")
    else this.say()
  }

  walk(right, down, inking) {
    const [x, y] = this.at
    const to = [clamp(x + right, this.columns), clamp(y + down, this.rows)]
    if (inking) this.ink(this.at, to)
    this.at = to
  }

  ink(from, to) {
    const box = this.canvas.getBoundingClientRect()
    const send = (type, [x, y], buttons) =>
      this.canvas.dispatchEvent(new MouseEvent(type, {
        bubbles: true, cancelable: true, composed: true, view: window, button: 0, buttons,
        clientX: box.x + ((x + 0.5) * box.width) / this.columns,
        clientY: box.y + ((y + 0.5) * box.height) / this.rows,
      })) // prettier-ignore
    send("mousedown", from, 1)
    if (from !== to) send("mousemove", to, 1)
    send("mouseup", to, 0)
  }

  mark() {
    const [x, y] = this.at
    this.cell.style.left = `${(100 * x) / this.columns}%`
    this.cell.style.top = `${(100 * y) / this.rows}%`
  }

  // Says where the pen is and whether there is ink, once the canvas has drawn it.
  say() {
    requestAnimationFrame(() => {
      const [x, y] = this.at
      const lower = this.canvas.parentElement.querySelector("canvas.lower-canvas")
      const at = { row: y + 1, column: x + 1 }
      const inked = isInked(lower, (x + 0.5) * CELL, (y + 0.5) * CELL)
      this.place.textContent = inked ? _("Row {row}, column {column}, inked", at) : _("Row {row}, column {column}", at)
    })
  }
}

const clamp = (value, count) => Math.min(Math.max(value, 0), count - 1)
