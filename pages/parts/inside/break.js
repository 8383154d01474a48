// Uses element, refill, number, percent, largest, paintDigit, paintSigned, dark, areDigits and soon, which come before it in the script.
// Break it: the drawing is turned, thinned, moved or made noisy, and the answer is shown along the way.

const LEVELS = 25
// In pixels of the page; drawn twice as fine. Below the plot stands what is read, and below that the slider's ends.
const SLIDE = { width: 340, height: 170, pad: 22, below: 40 }
const FINE = 2

const KINDS = {
  turn: { title: () => _("Turn"), low: -180, high: 180, apply: turned, told: (level) => `${number(level)}°` },
  move: { title: () => _("Move"), low: -10, high: 10, apply: moved, told: (level) => _("{n} pixels to the right", { n: number(level) }) },
  pen: { title: () => _("Pen"), low: -2, high: 2, apply: penned,
    told: (level) => (level < 0 ? _("{n} pixels thinner", { n: number(-2 * level) }) : _("{n} pixels wider", { n: number(2 * level) })) }, // prettier-ignore
  noise: { title: () => _("Noise"), low: 0, high: 0.8, apply: noisy, told: (level) => _("{share} of full ink", { share: written(`${number(100 * level)}%`) }) },
}

export class Break {
  constructor(place) {
    place.append(
      element("p", {}, _("The line shows how sure the network is of its first answer while your drawing changes; the dot shows where the slider is. Below the line stands what it reads.")),
      element("p", {}, _("Where the ground is grey it says that this is nothing it knows. That is another question, and the dashed line is how far it says yes to it.")),
      element("p", { class: "try" }, element("b", {}, _("Try this:"), " "), _("turn your 6 until it is a 9. Is it neither at some angle?")),
    )
    this.kind = "turn"
    this.buttons = element("div", { class: "buttons", role: "group", "aria-label": _("What changes") })
    this.slider = element("input", { type: "range", min: "0", max: String(LEVELS - 1), step: "1", "aria-label": _("How much"), oninput: () => this.show() })
    this.picture = element("canvas", { class: "large", role: "img", "aria-label": _("The changed picture") })
    this.curve = element("canvas", { class: "curve", width: FINE * SLIDE.width, height: FINE * SLIDE.height, role: "img" })
    this.words = element("p", { class: "said", "aria-live": "polite" })
    place.append(this.buttons, this.slider, element("div", { class: "figures" }, this.picture, this.curve), this.words)
    this.begin()
  }

  take(network, redraw) {
    this.network = network
    this.redraw = redraw
    refill(this.buttons, ...Object.entries(KINDS).map(([name, kind]) => element("button", {
      type: "button", "data-key": name, "aria-pressed": String(name === this.kind),
      onclick: () => {
        this.kind = name
        this.begin()
        this.take(network, redraw)
        redraw()
      },
    }, kind.title()))) // prettier-ignore
  }

  // The slider where the drawing is as it was drawn.
  begin() {
    const { low, high } = KINDS[this.kind]
    this.slider.value = String(Math.round((LEVELS - 1) * (-low / (high - low))))
  }

  level(index) {
    const { low, high } = KINDS[this.kind]
    return low + ((high - low) * index) / (LEVELS - 1)
  }

  draw(picture, answer) {
    this.original = picture.slice()
    this.label = answer.label
    this.job?.stop()
    const shares = []
    this.shares = shares
    this.job = soon([...Array(LEVELS).keys()], (index) => {
      this.network.forward(KINDS[this.kind].apply(this.original, this.level(index)))
      shares[index] = this.network.answer()
    }, () => {
      this.network.forward(this.original)
      this.show()
    }, 60)
    this.show()
  }

  show() {
    if (!this.original) return
    const index = Number(this.slider.value)
    const changed = KINDS[this.kind].apply(this.original, this.level(index))
    paintDigit(this.picture, changed)
    this.network.forward(changed)
    const found = this.network.answer()
    this.network.forward(this.original)
    const { title, told } = KINDS[this.kind]
    this.words.textContent = `${title()} ${told(this.level(index))}: ${found.isDigit ? withShare(found, this.network.header.class_names) : inWords(found, this.network.header.class_names)}`
    this.plot(index)
  }

  plot(index) {
    const context = this.curve.getContext("2d")
    const { width, height, pad, below } = SLIDE
    const { class_names: names, not_a_digit: none } = this.network.header
    const ink = getComputedStyle(this.curve).color
    const night = dark(this.curve)
    const bottom = height - below
    const x = (i) => pad + ((width - 2 * pad) * i) / (LEVELS - 1)
    const y = (share) => bottom - (bottom - pad) * share
    context.setTransform(FINE, 0, 0, FINE, 0, 0)
    context.clearRect(0, 0, width, height)
    context.fillStyle = context.strokeStyle = ink
    for (const { from, to, found } of this.stretches()) {
      const [left, right] = [Math.max(x(0), x(from - 0.5)), Math.min(x(LEVELS - 1), x(to + 0.5))]
      context.globalAlpha = 0.16
      if (!found.isDigit) context.fillRect(left, pad, right - left, bottom - pad)
      context.globalAlpha = 1
      context.font = "600 13px sans-serif"
      context.textAlign = "center"
      const word = found.isDigit ? names[found.label] : "–"
      if (context.measureText(word).width <= right - left) context.fillText(word, (left + right) / 2, bottom + 15)
    }
    context.globalAlpha = 0.6
    context.strokeRect(pad, pad, width - 2 * pad, bottom - pad)
    context.font = "11px sans-serif"
    context.textAlign = "left"
    context.fillText(written("100%"), 0, pad - 6)
    context.fillText(number(this.level(0)), pad, height - 6)
    context.textAlign = "right"
    context.fillText(number(this.level(LEVELS - 1)), width - pad, height - 6)
    const line = (share) => {
      context.beginPath()
      let from = false
      this.shares.forEach((found, i) => {
        from ? context.lineTo(x(i), y(share(found))) : context.moveTo(x(i), y(share(found)))
        from = true
      })
      context.stroke()
    }
    context.lineWidth = 1.5
    context.setLineDash([4, 4])
    if (none.known) line((found) => found.digitness)
    context.setLineDash([])
    context.globalAlpha = 1
    context.strokeStyle = context.fillStyle = night ? "#56B4E9" : "#0072B2"
    context.lineWidth = 2.5
    line((found) => found.probabilities[this.label])
    context.lineWidth = 1
    if (this.shares[index]) {
      context.beginPath()
      context.arc(x(index), y(this.shares[index].probabilities[this.label]), 5, 0, 7)
      context.fill()
    }
    const heard = this.stretches().map(({ from, to, found }) =>
      `${number(this.level(from))} … ${number(this.level(to))}: ${found.isDigit ? names[found.label] : areDigits(names) ? _("no digit") : _("nothing")}`)
    const about = _("How sure it is of {name}, from {low} to {high}", { name: names[this.label], low: number(this.level(0)), high: number(this.level(LEVELS - 1)) })
    this.curve.setAttribute("aria-label", [about, ...heard].join(". "))
  }

  // Neighbouring levels with the same answer: [{from, to, found}, …].
  stretches() {
    const made = []
    this.shares.forEach((found, i) => {
      const last = made.at(-1)
      const same = last && last.to === i - 1 && last.found.isDigit === found.isDigit && (!found.isDigit || last.found.label === found.label)
      same ? (last.to = i) : made.push({ from: i, to: i, found })
    })
    return made
  }

  stop() {
    this.job?.stop()
  }
}

const clip = (value) => Math.max(0, Math.min(1, value))

function sampled(picture, at) {
  const changed = new Float32Array(784)
  for (let y = 0; y < 28; y++)
    for (let x = 0; x < 28; x++) {
      const [v, u] = at(y, x)
      const top = Math.floor(v)
      const left = Math.floor(u)
      let sum = 0
      for (const [dy, dx] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
        const [row, column] = [top + dy, left + dx]
        if (row < 0 || row > 27 || column < 0 || column > 27) continue
        sum += picture[28 * row + column] * (1 - Math.abs(v - row)) * (1 - Math.abs(u - column))
      }
      changed[28 * y + x] = sum
    }
  return changed
}

function turned(picture, degrees) {
  const [sine, cosine] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]
  return sampled(picture, (y, x) => [13.5 + cosine * (y - 13.5) - sine * (x - 13.5), 13.5 + sine * (y - 13.5) + cosine * (x - 13.5)])
}

function moved(picture, pixels) {
  return sampled(picture, (y, x) => [y, x - pixels])
}

// Each pixel becomes the lightest or darkest of its neighbours, up to the distance of the level.
function penned(picture, level) {
  let changed = picture
  for (let rest = Math.abs(level); rest > 0; rest -= 1) {
    const before = changed
    const share = Math.min(1, rest)
    changed = before.map((value, i) => {
      const y = Math.floor(i / 28)
      const x = i % 28
      let best = value
      for (const [dy, dx] of [[0, 1], [0, -1], [1, 0], [-1, 0]]) {
        const [row, column] = [y + dy, x + dx]
        const other = row < 0 || row > 27 || column < 0 || column > 27 ? 0 : before[28 * row + column]
        best = level > 0 ? Math.max(best, other) : Math.min(best, other)
      }
      return value + share * (best - value)
    })
  }
  return Float32Array.from(changed)
}

// The grains are the same at each level; only their strength changes.
function noisy(picture, level) {
  let state = 1
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647
  return Float32Array.from(picture, (value) => clip(value + level * (random() + random() + random() - 1.5)))
}
