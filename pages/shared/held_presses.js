// What one presses beside the paper is meant for the drawing that one sees. The canvas sends a stroke only a moment
// after the pen is lifted, and until the server has answered, the buttons on the page belong to an older drawing:
// presses wait until then; not within data-press="now", which sees the paper itself, but again within
// data-press="later". It imports nothing.

const SENDS = 250 // milliseconds after which the canvas has sent a stroke: it waits 200 for a further one
const ASKS = 1000 // milliseconds after which the server is asked, in case that a stroke left nothing to tell
const PATIENCE = 15_000 // milliseconds after which a press is let through, whatever the server does
const LOOKS = 25 // milliseconds between two looks at whether the page is up to date
const PRESSABLE = "button, a, label, input, summary, [role]"

export class HeldPresses {
  constructor() {
    this.ask = () => {} // tells the server a number, which comes back by `told`
    this.pen = false // whether it is down
    this.lifted = -Infinity
    this.upToDate = true
    this.known = 0 // strokes that the server has
    this.expected = 0 // strokes on the paper
    this.asked = null
    this.presses = []
    this.timer = 0
    this.listeners = {
      pointerdown: (event) => this.down(event),
      mousedown: (event) => this.down(event),
      touchstart: (event) => this.down(event),
      pointerup: (event) => {
        this.up()
        const button = event.composedPath()[0].closest?.("button:disabled") // it is not clicked, but may be soon
        if (button) this.pressed(event, button)
      },
      pointercancel: () => this.up(),
      mouseup: () => this.up(),
      click: (event) => this.pressed(event, event.composedPath()[0]),
    }
    for (const name in this.listeners) window.addEventListener(name, this.listeners[name], true)
  }

  end() {
    clearTimeout(this.timer)
    for (const name in this.listeners) window.removeEventListener(name, this.listeners[name], true)
  }

  // The server's word. strokes: how many its newest drawing has. asked: the last number that it was told.
  told(strokes, asked) {
    this.known = strokes
    if (this.upToDate || (asked !== null && asked === this.asked)) this.expected = strokes
  }

  // Acts now if the page is about the drawing on the paper, else as soon as it is; twice the same is done once.
  act(what, action) {
    if (this.presses.some((press) => press.what === what)) return
    this.presses.push({ what, action, until: performance.now() + PATIENCE })
    if (this.presses.length === 1) this.look()
  }

  // While a press waits, the paper takes no stroke: it would become part of what is sent.
  down(event) {
    if (!onPaper(event)) return
    if (this.presses.length) event.stopImmediatePropagation()
    else if (event.type === "pointerdown" || !event.isTrusted) this.pen = true // the keyboard's pen has no pointer
  }

  up() {
    if (!this.pen) return
    this.pen = false
    this.lifted = performance.now()
    this.upToDate = false
    this.asked = null
    this.expected += 1
  }

  pressed(event, target) {
    if (!event.isTrusted || onPaper(event) || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (event.composedPath().find((node) => node.dataset?.press)?.dataset.press === "now") return
    this.up() // where the page was not told that the pen was lifted, outside of the window
    if (!this.presses.length && this.isUpToDate()) return
    event.preventDefault()
    event.stopImmediatePropagation()
    const what = target.closest?.(PRESSABLE) ?? target
    const place = placeOf(what)
    const { detail, clientX, clientY } = event
    const again = { bubbles: true, cancelable: true, composed: true, view: window, detail, clientX, clientY }
    this.act(what, () => (target.isConnected ? target : standing(what, place))?.dispatchEvent(new MouseEvent("click", again)))
  }

  isUpToDate() {
    if (!this.upToDate && this.isSent() && this.known >= this.expected) this.upToDate = isIdle()
    return this.upToDate
  }

  isSent() {
    return !this.pen && performance.now() >= this.lifted + SENDS
  }

  look() {
    if (this.isUpToDate() || performance.now() > this.presses[0].until) {
      const presses = this.presses
      this.presses = []
      for (const press of presses) press.action()
      return
    }
    if (this.asked === null && this.isSent() && performance.now() >= this.lifted + ASKS) {
      this.asked = Date.now()
      this.ask(this.asked) // whatever the canvas has sent comes with it
    }
    this.timer = setTimeout(() => this.look(), LOOKS)
  }
}

const onPaper = (event) => event.composedPath().some((node) => node.matches?.("canvas.upper-canvas"))
const isIdle = () =>
  document.querySelector("[data-testid=stApp]")?.getAttribute("data-test-script-state") === "notRunning"

// The class of the nearest container that the page has given a name.
const placeOf = (what) => [...(what.closest?.('[class*="st-key-"]')?.classList ?? [])].find((name) => name.startsWith("st-key-"))

// What stands now where something was that a run of the page has replaced; undefined where nothing does.
function standing(gone, place) {
  const alike = place ? [...document.getElementsByClassName(place)].flatMap((one) => [...one.querySelectorAll(gone.localName)]) : []
  return alike.find((node) => node.textContent === gone.textContent)
}
