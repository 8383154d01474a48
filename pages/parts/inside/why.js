// Uses element, refill, number, percent, largest, paintOver and soon, which come before it in the script.
// Why: which ink speaks for an answer and which against it, and the honest check: pieces of ink are taken away.

const PATCH = 5 // pixels on each side of the piece that is taken away
const STEP = 2

export class Why {
  constructor(place) {
    place.append(
      element("p", {}, _("Blue ink speaks for the answer, orange ink against it: the gradient of its sum in the last layer, times the ink. " +
        "The picture beside it is the honest check: a piece of 5 × 5 pixels is taken away at each place in turn, and the answer needs the blue places.")), // prettier-ignore
      element("p", { class: "try" }, element("b", {}, _("Try this:"), " "), _("ask “why not 9?” about your 4, then close its top.")),
    )
    this.choice = element("div", { class: "buttons", role: "group", "aria-label": _("Which answer") })
    this.gradient = element("canvas", { class: "large", role: "img" })
    this.taken = element("canvas", { class: "large", role: "img" })
    this.words = element("p", { "aria-live": "polite" })
    place.append(this.choice, element("div", { class: "figures" },
      element("figure", {}, this.gradient, element("figcaption", {}, _("slope × ink"))),
      element("figure", {}, this.taken, element("figcaption", {}, _("taken away piece by piece")))), this.words) // prettier-ignore
    this.asked = null
  }

  take(network, redraw) {
    this.network = network
    this.redraw = redraw
    this.asked = null
  }

  draw(picture, answer) {
    const names = this.network.header.class_names
    const target = this.asked ?? answer.label
    const other = target === answer.label
    refill(this.choice, ...names.map((name, label) => element("button", {
      type: "button", "data-key": label, "aria-pressed": String(label === target), onclick: () => { this.asked = label; this.redraw() },
    }, label === answer.label ? _("why {name}?", { name }) : _("why not {name}?", { name })))) // prettier-ignore
    const seed = this.network.logit(target)
    if (!other) seed[answer.label] = -1 // this class rather than the answer
    const heat = this.network.gradient(seed).map((slope, i) => slope * picture[i])
    const what = other ? _("for {name}", { name: names[target] }) : _("for {name} rather than {other}", { name: names[target], other: names[answer.label] })
    paintOver(this.gradient, picture, heat, largest(heat))
    this.gradient.setAttribute("aria-label", _("What in the ink speaks {what}", { what }))
    this.occlude(picture.slice(), seed, what)
  }

  // Slow, so it is done in pieces while nobody draws.
  occlude(picture, seed, what) {
    this.job?.stop()
    const { network } = this
    const score = () => network.last.sums.reduce((sum, value, i) => sum + value * seed[i], 0)
    network.forward(picture)
    const whole = score()
    const sums = new Float32Array(784)
    const counts = new Float32Array(784)
    let most = { drop: -Infinity }
    const places = []
    for (let y = 0; y <= 28 - PATCH; y += STEP) for (let x = 0; x <= 28 - PATCH; x += STEP) places.push([y, x])
    this.job = soon(places, ([y, x]) => {
      const without = picture.slice()
      let ink = 0
      for (let i = y; i < y + PATCH; i++)
        for (let j = x; j < x + PATCH; j++) {
          ink += without[28 * i + j]
          without[28 * i + j] = 0
        }
      if (ink < 0.5) return
      network.forward(without)
      const drop = whole - score()
      if (drop > most.drop) most = { drop, text: network.answer() }
      for (let i = y; i < y + PATCH; i++)
        for (let j = x; j < x + PATCH; j++) {
          sums[28 * i + j] += drop
          counts[28 * i + j]++
        }
    }, () => {
      const heat = sums.map((sum, i) => (counts[i] ? (sum / counts[i]) * Math.min(1, 2 * picture[i]) : 0))
      paintOver(this.taken, picture, heat, largest(heat))
      this.taken.setAttribute("aria-label", _("Which pieces of the ink the answer {what} needs", { what }))
      network.forward(picture)
      if (most.text)
        this.words.textContent = _("Without the piece that matters most it reads {answer}.", { answer: withShare(most.text, network.header.class_names) })
    })
  }

  stop() {
    this.job?.stop()
  }
}
