// Draw's answer, live under the pen: what the network on the visitor's own device says about the drawing at each
// frame, until the server's answer to that drawing arrives. Uses live and pictureOf of the library, and watchDrawing
// and LiveAnswer, which come before it in the script.

const FRAME = 16 // milliseconds: the pen is heard once a frame; an answer that takes longer waits until it is lifted
// Milliseconds until the server's answer counts although the drawing looks different: for an answer that came after
// the drawing, and for an older one.
const PATIENCE = { newer: 1500, older: 30_000 }
const CELL = 20 // pixels: the square whose mean ink tells one drawing from another
const SAME = 8 // grey levels by which such a mean may differ: canvas and PNG are drawn separately
const VIEWS = new WeakMap()

export default function ({ data, parentElement }) {
  speak(data.words)
  const root = parentElement.querySelector(".draw-answer")
  const view = VIEWS.get(root) ?? VIEWS.set(root, new View(root)).get(root)
  view.take(data)
  return () => view.rest()
}

class View {
  constructor(root) {
    this.answer = new LiveAnswer(root.querySelector(".live-answer"))
    this.region = root.querySelector("[aria-live]")
    this.image = null
    this.drawing = false
    this.changed = 0
    this.networks = {}
    this.costs = {}
  }

  // data: {network, quick: addresses, classes, live: whether it may answer before the server, word: as LiveAnswer
  // takes it, with `ink`, the mean ink in each square of the paper, and `said`, for screen readers}
  take(data) {
    this.data = data
    this.word = data.word
    this.came = performance.now()
    this.answer.name(data.classes)
    for (const name of ["network", "quick"]) this.load(name, data[name])
    this.stop ??= watchDrawing((image, drawing) => this.see(image, drawing))
    if (!this.drawing) this.settle()
  }

  rest() {
    this.stop?.()
    this.stop = null
    clearTimeout(this.timer)
  }

  async load(name, address) {
    if (this[name] === address) return
    this[name] = address
    this.networks[name] = null
    this.costs[name] = []
    if (!address) return
    const network = await live(address)
    if (this[name] !== address) return
    this.networks[name] = network
    if (this.drawing) this.speak() // a pen that rests sends no change by which it would be heard
    // The browser compiles code that runs often: that should not happen while somebody draws.
    const bar = new Float32Array(784).map((_, i) => (i % 28 > 8 && i % 28 < 12 ? 1 : 0))
    const image = drawnBar(280)
    const warm = (times) => {
      if (this.networks[name] !== network || this.drawing) return
      this.timed(name, () => network.read(bar))
      pictureOf(image)
      if (times > 1) setTimeout(warm, 30, times - 1)
    }
    setTimeout(warm, 200, 12)
  }

  timed(name, work) {
    const before = performance.now()
    const result = work()
    this.costs[name] = [...this.costs[name].slice(-7), performance.now() - before]
    return result
  }

  // Milliseconds that an answer takes: the least of a few, because other programs on the device interrupt some.
  cost(name) {
    return Math.min(...this.costs[name])
  }

  see(image, drawing) {
    this.image = image
    this.drawing = drawing
    this.changed = performance.now()
    if (drawing) this.speak()
    else this.settle()
  }

  // The pen is off the paper: shows the server's answer if it is for this drawing, else our own until it arrives.
  settle() {
    clearTimeout(this.timer)
    const patience = this.came > this.changed ? PATIENCE.newer : PATIENCE.older
    const left = Math.max(this.came, this.changed) + patience - performance.now()
    if (!this.image || this.known() || left <= 0) return this.tell()
    this.speak()
    this.timer = setTimeout(() => this.drawing || this.tell(), left)
  }

  known() {
    const { ink } = this.word
    const { data, width, height } = this.image
    const across = Math.ceil(width / CELL)
    if (ink.length !== across * Math.ceil(height / CELL)) return false
    const sums = new Float64Array(ink.length)
    for (let y = 0, at = 0; y < height; y++)
      for (let x = 0; x < width; x++, at += 4)
        sums[Math.floor(y / CELL) * across + Math.floor(x / CELL)] += ((255 - data[at]) * data[at + 3]) / 255
    return ink.every((mean, i) => Math.abs(mean - sums[i] / CELL ** 2) <= SAME)
  }

  // Shows the server's answer, and reads it out once to screen readers.
  tell() {
    this.answer.show(this.word)
    const about = JSON.stringify([this.word.said, this.word.ink, this.network])
    if (about === this.told) return
    const first = this.told === undefined
    this.told = about
    if (first && !this.word.ink.some(Boolean)) return
    this.region.replaceChildren(document.createTextNode(this.word.said))
  }

  // Shows our own answer, if there is one.
  speak() {
    const { data, drawing } = this
    const name = this.chosen(drawing)
    if (!data.live || !this.image || !name) return
    const symbol = !this.networks[name].readsDigits
    const found = pictureOf(this.image, symbol)
    if (!found) return
    if (found.mayBeSeveral && !symbol) this.hold(_("It may be a number: the server reads it when the pen is lifted."))
    else {
      const said = this.timed(name, () => this.networks[name].read(found.picture))
      if (!said.isDigit) this.hold("")
      else {
        const [first, second] = [said.label, said.second].map((label) => data.classes[label])
        const small = said.accepted ? "" : _(", or perhaps {second}", { second })
        const quick = this.networks.quick?.header.title
        const by = name === "quick" ? ` ${_("So far by {network}, which is quick.", { network: quick })}` : ""
        const { probabilities } = said
        const sureness = said.confidence >= 0.9995 ? _("over {share}", { share: written("99.9%") }) : written(said.sureness)
        this.answer.show({ rows: [[first, small]], caption: `${_("{sureness} sure.", { sureness })}${by}`, probabilities })
      }
    }
  }

  // Which network answers: the chosen one, or, where that would be slow under the pen, the quick one.
  chosen(drawing) {
    const { network, quick } = this.networks
    if (!network || !drawing) return network ? "network" : null
    if (this.cost("network") <= FRAME / 2) return "network"
    if (quick) return "quick"
    return this.cost("network") <= FRAME ? "network" : null
  }

  // Nothing to say: the previous answer stays, faintly.
  hold(caption) {
    const { rows } = this.word
    const stands = rows[0][0] !== ""
    this.answer.show({ rows: stands ? rows : [["…", ""]], caption, probabilities: this.data.classes.map(() => 0) }, true)
  }
}

// Pixels as getImageData gives them: a black bar on a white square sheet.
function drawnBar(side) {
  const pixels = new Uint32Array(side * side).fill(0xffffffff)
  for (let y = side / 4; y < (3 * side) / 4; y++) pixels.fill(0xff000000, y * side + side / 2, y * side + side / 2 + 20)
  return { data: new Uint8ClampedArray(pixels.buffer), width: side, height: side }
}
