// What one presses beside the paper is meant for the drawing that one sees. The canvas sends a stroke only a moment
// after the pen is lifted, and until the server has answered, the buttons on the page belong to an older drawing:
// presses wait until then; not within data-press="now", which sees the paper itself, but again within
// data-press="later". Each press counts: of two quick ones on one button, the second waits for what the first has
// set off, because Streamlit would take both for one. A stroke that is drawn meanwhile waits too (held_strokes.js).

const SENDS = 250 // milliseconds after which the canvas has sent a stroke: it waits 200 for a further one
const ASKS = 1000 // milliseconds after which the server is asked for a stroke of which it says nothing
const UNANSWERED = 10_000 // milliseconds after which it is asked again: it may have been out of reach
const TRIES = 3 // how often it is asked for a stroke that is on the canvas: it may leave nothing to tell
const STARTS = 400 // milliseconds in which a press has made the page run, unless the server is busy
const RECENT = 5000 // milliseconds after which a press on the same button does not wait for the server's word any more
const RENDERS = 50 // milliseconds after a run in which the page shows the last of it
const PATIENCE = 60_000 // milliseconds after which a press is let through, whatever the server does
const LOOKS = 25 // milliseconds between two looks at whether what waits may act
const CHECKS = 250 // and at whether a stroke is still on the canvas,
const WATCHED = 10_000 // for so long after it was drawn
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
    this.asked = null // the number that the server was told last, and when; null once it has come back
    this.answered = -Infinity // when what came back last was asked
    this.tries = 0 // how often the server was asked since the last stroke
    this.presses = []
    this.last = { what: null, at: -Infinity, ran: true, over: true, told: true } // what was pressed last (see `begin`)
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
    const answer = asked !== null && asked === this.asked?.number ? this.asked : null
    if (answer) {
      this.asked = null
      this.answered = answer.at
      if (answer.at > this.last.at) this.last.told = true
    }
    if (this.load !== load) {
      const lost = this.load === null ? [] : this.strokes.loaded()
      this.load = load
      this.last.told = true
      this.expected = strokes
      this.redraw(lost)
      return
    }
    if (this.upToDate) this.expected = strokes
    this.strokes.keep(this.expected - strokes)
    if (!answer?.sent || strokes >= this.expected) return
    const lost = this.strokes.missing()
    this.expected = this.tries < TRIES ? strokes + this.strokes.unknown.length : strokes
    this.redraw(lost)
  }

  // Acts now if the page is about the drawing on the paper and what was pressed last is done, else as soon as it is.
  // enabled: whether what was pressed can be; else the server's word is awaited first.
  act(what, action, enabled = () => true) {
    let ready = null // when all but that was so
    const isDoubted = () => ready !== null && !enabled() && this.answered < ready
    const mayAct = () => {
      if (!this.isUpToDate() || !this.isCertain()) return false
      ready ??= performance.now()
      return !isDoubted()
    }
    const press = () => {
      this.begin(what)
      action()
    }
    this.presses.push({ act: press, mayAct, isDoubted, until: performance.now() + PATIENCE })
    if (this.presses.length === 1) this.look()
  }

  // Something is pressed now. ran: whether the page was seen to run since then. told: whether the server has said
  // something that it can say only afterwards. over: whether the page is taken to have done what was pressed for.
  begin(what) {
    this.last = { what, at: performance.now(), ran: false, over: false, told: false }
    this.strokes.unknown = []
    this.expected = this.known
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
    return { act, mayAct: () => this.isCertain() && this.strokes.canDraw, until: performance.now() + PATIENCE }
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
    this.tries = 0
    this.expected += 1
    this.wait()
  }

  pressed(event, target) {
    if (!event.isTrusted || onPaper(event) || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (isFree(event)) return
    this.strokes.lift() // where the page was not told that the pen was lifted, outside of the window
    const what = target.closest?.(PRESSABLE) ?? target
    const isDisabled = what.matches("button:disabled")
    if (!isDisabled && !this.stopped?.contains(target) && !this.waits(what)) {
      this.begin(what)
      return
    }
    const detail = this.stopped ? 0 : event.detail
    this.stopped = null
    event.preventDefault()
    event.stopImmediatePropagation()
    const place = placeOf(what)
    const { clientX, clientY } = event
    const again = { bubbles: true, cancelable: true, composed: true, view: window, detail, clientX, clientY }
    const now = () => (target.isConnected ? target : standing(what, place))
    const act = () => now()?.dispatchEvent(new MouseEvent("click", again))
    this.act(what, act, () => now() && !now().closest("button")?.disabled)
  }

  // Whether a press on this may not act yet.
  waits(what) {
    if (this.presses.length || !this.isUpToDate()) return true
    const { what: last, at, told } = this.last
    return last === what && what.matches(COUNTED) && !(told && this.isDone()) && performance.now() < at + RECENT
  }

  // Whether the page seems to have finished what the last press has set off.
  isDone() {
    const { last } = this
    if (!isIdle()) last.ran = true
    else if (last.told || last.ran || performance.now() >= last.at + STARTS) last.over = true
    return last.over
  }

  // Whether it has, by the server's word.
  isCertain() {
    return this.last.told && isIdle()
  }

  isUpToDate() {
    if (!this.upToDate && this.isSent() && this.known >= this.expected) this.upToDate = isIdle()
    return this.upToDate
  }

  isSent() {
    return !this.strokes.isOnCanvas && performance.now() >= this.lifted + SENDS
  }

  look() {
    const first = this.presses[0]
    if (first && (first.mayAct() || performance.now() > first.until)) this.presses.shift().act()
    else if (this.isToAsk()) {
      this.asked = { number: Date.now(), at: performance.now(), sent: this.isSent() }
      this.tries += this.asked.sent ? 1 : 0
      this.ask(this.asked.number) // whatever the canvas has sent comes with it
    }
    const isWatched = this.strokes.unknown.length && performance.now() < this.lifted + WATCHED
    if (this.presses.length || isWatched) this.wait()
  }

  // Whether the server's word is wanted: on a stroke that it does not know, if something waits for it or the canvas has
  // lost it; on the last press, if something waits for that; on a button that should be enabled by now.
  isToAsk() {
    const now = performance.now()
    if (this.asked && now < this.asked.at + UNANSWERED) return false
    const waits = this.presses.length > 0
    const late = now >= Math.max(this.lifted, this.answered) + ASKS && this.isSent() && this.known < this.expected
    if (this.presses[0]?.isDoubted?.() || (late && (waits || !this.strokes.areShown))) return true
    return waits && !this.last.told && now >= Math.max(this.last.at, this.answered) + STARTS && isIdle()
  }

  wait() {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.look(), this.presses.length ? LOOKS : CHECKS)
  }
}

// Whether the page stands still, and shows all that it was sent.
class Idle {
  constructor() {
    this.app = null
    this.since = -Infinity
    this.observer = new MutationObserver(() => (this.since = performance.now()))
  }

  get now() {
    const app = document.querySelector("[data-testid=stApp]")
    if (app && app !== this.app) {
      this.observer.disconnect()
      this.observer.observe(app, { attributeFilter: ["data-test-script-state"] })
      this.app = app
    }
    return app?.getAttribute("data-test-script-state") === "notRunning" && performance.now() >= this.since + RENDERS
  }
}

const idle = new Idle()
const isIdle = () => idle.now
const onPaper = (event) => event.composedPath().some((node) => node.matches?.("canvas.upper-canvas"))
const isFree = (event) =>
  event.composedPath().find((node) => node.dataset?.press)?.dataset.press === "now" ||
  event.composedPath().some((node) => node.matches?.(LISTS))
// The class of the nearest container that the page has given a name.
const placeOf = (what) => [...(what.closest?.('[class*="st-key-"]')?.classList ?? [])].find((name) => name.startsWith("st-key-"))

// What stands now where something was that a run of the page has replaced; undefined where nothing does.
function standing(gone, place) {
  const alike = place ? [...document.getElementsByClassName(place)].flatMap((one) => [...one.querySelectorAll(gone.localName)]) : []
  return alike.find((node) => node.textContent === gone.textContent)
}
