// What one presses beside the paper is meant for the drawing that one sees. The canvas sends a stroke only a moment
// after the pen is lifted, and until the server has answered, the buttons on the page belong to an older drawing:
// presses wait until then; not within data-press="now", which sees the paper itself, but again within
// data-press="later". Each press counts: of two quick ones on one button, the second waits for what the first has
// set off, because Streamlit would take both for one. A stroke that is drawn meanwhile waits too (held_strokes.js).

const SENDS = 250 // milliseconds after which the canvas has sent a stroke: it waits 200 for a further one
const ASKS = 1000 // milliseconds after which the server is asked, in case that a stroke left nothing to tell
const PATIENCE = 15_000 // milliseconds after which a press is let through, whatever the server does
const LOOKS = 25 // milliseconds between two looks at whether the page is up to date
const STARTS = 400 // milliseconds in which a press has made the page run, if it makes it run
const PRESSABLE = "button, a, label, input, summary, [role]"
// These act when a pointer goes down and up, or a key; to them a click counts only where it comes alone.
const BY_POINTER = "[role=radio][data-react-aria-pressable]"
// A list that opens and its entries are not held: whatever is chosen there, the drawing comes to it afterwards, and a
// click repeated later would close the list again.
const LISTS = "[data-testid=stSelectbox], [role=listbox]"
const COUNTED = "[data-testid=stButton] button"

export class HeldPresses {
  constructor() {
    this.ask = () => {} // tells the server a number, which comes back by `told`
    this.lifted = -Infinity
    this.upToDate = true
    this.known = 0 // strokes that the server has
    this.expected = 0 // strokes on the paper
    this.asked = null
    this.presses = []
    this.last = { what: null, at: -Infinity, ran: true } // what was pressed last, and whether the page ran upon it
    this.stopped = null // what a pointer or a key went down on without being told
    this.timer = 0
    this.load = null // number of what the canvas has loaded last
    this.strokes = new HeldStrokes(() => this.presses.length > 0 || !this.isDone(), (stroke) => this.drawn(stroke))
    this.listeners = {
      pointerdown: (event) => this.down(event),
      mousedown: (event) => this.down(event),
      touchstart: (event) => this.down(event),
      keydown: (event) => (event.key === "Enter" || event.key === " ") && this.onControl(event),
      pointerup: (event) => {
        if (this.stopped) event.stopImmediatePropagation()
        const button = event.composedPath()[0].closest?.("button:disabled") // it is not clicked, but may be soon
        if (button) this.pressed(event, button)
      },
      click: (event) => this.pressed(event, event.composedPath()[0]),
    }
    for (const name in this.listeners) window.addEventListener(name, this.listeners[name], true)
  }

  end() {
    clearTimeout(this.timer)
    this.strokes.end()
    for (const name in this.listeners) window.removeEventListener(name, this.listeners[name], true)
  }

  // The server's word. strokes: how many its newest drawing has. asked: the last number that it was told. load: the
  // number of what the canvas has loaded last; pen: its width.
  told(strokes, asked, load, pen) {
    this.known = strokes
    this.strokes.pen = pen
    if (this.load !== load) {
      const lost = this.load === null ? [] : this.strokes.loaded()
      this.load = load
      this.expected = strokes
      this.redraw(lost)
    } else if (asked !== null && asked === this.asked) {
      this.expected = strokes
      this.redraw(this.strokes.missing())
    } else if (this.upToDate) this.expected = strokes
    if (this.known >= this.expected) this.strokes.unknown = []
  }

  // Acts now if the page is about the drawing on the paper and what was pressed last is done, else as soon as it is.
  act(what, action) {
    const press = () => {
      this.last = { what, at: performance.now(), ran: false }
      this.strokes.unknown = []
      action()
    }
    this.presses.push({ act: press, mayAct: () => this.isUpToDate() && this.isDone(), until: performance.now() + PATIENCE })
    if (this.presses.length === 1) this.look()
  }

  // Before anything else that waits, draw these strokes, which the canvas has lost.
  redraw(lost) {
    this.presses.unshift(...lost.map((stroke) => this.redrawing(stroke)))
    if (lost.length) this.wait()
  }

  // A stroke that waits for its canvas among the presses.
  redrawing(stroke) {
    const act = () => {
      this.strokes.draw(stroke)
      this.count()
    }
    return { act, mayAct: () => this.isDone() && this.strokes.canDraw, until: performance.now() + PATIENCE }
  }

  drawn(stroke) {
    if (stroke.held) {
      this.presses.push(this.redrawing(stroke))
      this.wait()
    } else {
      this.strokes.unknown.push(stroke)
      this.count()
    }
  }

  down(event) {
    if (!onPaper(event)) this.onControl(event)
  }

  // Of what acts before its click, only the click is left, which can be repeated.
  onControl(event) {
    if (event.type === "pointerdown" || event.type === "keydown") this.stopped = null
    const what = event.isTrusted && !isFree(event) && event.composedPath()[0].closest?.(BY_POINTER)
    if (!what || !this.waits(what)) return
    this.stopped = what
    event.stopImmediatePropagation()
  }

  // One more stroke is on the canvas.
  count() {
    this.lifted = performance.now()
    this.upToDate = false
    this.asked = null
    this.expected += 1
  }

  pressed(event, target) {
    if (!event.isTrusted || onPaper(event) || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (isFree(event)) return
    this.strokes.lift() // where the page was not told that the pen was lifted, outside of the window
    const what = target.closest?.(PRESSABLE) ?? target
    if (!this.stopped?.contains(target) && !this.waits(what)) {
      this.last = { what, at: performance.now(), ran: false }
      this.strokes.unknown = []
      return
    }
    const detail = this.stopped ? 0 : event.detail
    this.stopped = null
    event.preventDefault()
    event.stopImmediatePropagation()
    const place = placeOf(what)
    const { clientX, clientY } = event
    const again = { bubbles: true, cancelable: true, composed: true, view: window, detail, clientX, clientY }
    this.act(what, () => (target.isConnected ? target : standing(what, place))?.dispatchEvent(new MouseEvent("click", again)))
  }

  // Whether a press on this may not act yet.
  waits(what) {
    if (this.presses.length || !this.isUpToDate()) return true
    return this.last.what === what && what.matches(COUNTED) && !this.isDone()
  }

  // Whether the page has finished what the last press has set off.
  isDone() {
    if (isIdle()) return this.last.ran || performance.now() >= this.last.at + STARTS
    this.last.ran = true
    return false
  }

  isUpToDate() {
    if (!this.upToDate && this.isSent() && this.known >= this.expected) this.upToDate = isIdle()
    return this.upToDate
  }

  isSent() {
    return !this.strokes.isOnCanvas && performance.now() >= this.lifted + SENDS
  }

  look() {
    if (this.presses[0].mayAct() || performance.now() > this.presses[0].until) {
      this.presses.shift().act()
      if (!this.presses.length) return
    }
    if (this.asked === null && this.isSent() && performance.now() >= this.lifted + ASKS) {
      this.asked = Date.now()
      this.ask(this.asked) // whatever the canvas has sent comes with it
    }
    this.wait()
  }

  wait() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.look(), LOOKS)
  }
}

const onPaper = (event) => event.composedPath().some((node) => node.matches?.("canvas.upper-canvas"))
const isFree = (event) =>
  event.composedPath().find((node) => node.dataset?.press)?.dataset.press === "now" ||
  event.composedPath().some((node) => node.matches?.(LISTS))
const isIdle = () =>
  document.querySelector("[data-testid=stApp]")?.getAttribute("data-test-script-state") === "notRunning"

// The class of the nearest container that the page has given a name.
const placeOf = (what) => [...(what.closest?.('[class*="st-key-"]')?.classList ?? [])].find((name) => name.startsWith("st-key-"))

// What stands now where something was that a run of the page has replaced; undefined where nothing does.
function standing(gone, place) {
  const alike = place ? [...document.getElementsByClassName(place)].flatMap((one) => [...one.querySelectorAll(gone.localName)]) : []
  return alike.find((node) => node.textContent === gone.textContent)
}
