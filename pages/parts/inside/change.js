// Uses element, refill, number, percent, largest, paintDigit, paintSigned, dark, areDigits and soon, which come before it in the script.
// Break it: the drawing is turned, thinned, moved or made noisy, and the answer is shown along the way. Fool it: the
// smallest change that turns the answer into another digit; in a class, a game.

const LEVELS = 25
const STEPS = 120
// How far beyond the thresholds a change must go, because the server's LiteRT differs by a millionth.
const SLACK = 1e-3
// How sure a class's network must be of what is to be fooled, as in digitcore/classroom/fooling.py.
const SURE = 0.99
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

const whole = (picture) => picture.map((value) => Math.round(255 * value) / 255)

// Pictures as bytes, one after another, in base64.
const bytes = (...pictures) => btoa(pictures.flatMap((picture) => Array.from(picture, (value) => String.fromCharCode(Math.round(255 * value)))).join(""))

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

export class Fool {
  constructor(place) {
    place.append(
      element("p", {}, _("Choose another answer, and the drawing is changed as little as possible until the network gives it, step by step " +
        "along its gradient. Or do it by hand: click pixels of the picture to add or erase ink.")), // prettier-ignore
      element("p", { class: "try" }, element("b", {}, _("Try this:"), " "), _("make your 3 an 8 with the fewest pixels. Who in your class needs fewer?")),
    )
    this.choice = element("div", { class: "buttons", role: "group", "aria-label": _("Make it a") })
    this.before = element("canvas", { class: "large" })
    this.alone = element("canvas", { class: "large", role: "img", "aria-label": _("The change alone, at full strength") })
    this.after = element("canvas", { class: "large editable", tabindex: "0", role: "application",
      "aria-label": _("The changed picture. Arrow keys move, Space adds or erases ink."),
      onpointerdown: (event) => this.click(event), onkeydown: (event) => this.key(event) }) // prettier-ignore
    this.words = element("p", { class: "said", "aria-live": "polite" })
    this.cursor = [14, 14]
    this.reset = element("button", { type: "button", onclick: () => this.redraw() }, _("As drawn"))
    this.game = element("div", { class: "game", hidden: true })
    place.append(this.choice, element("div", { class: "figures" },
      element("figure", {}, this.before, element("figcaption", {}, _("your drawing"))),
      element("figure", {}, this.alone, element("figcaption", {}, _("the change alone"))),
      element("figure", {}, this.after, element("figcaption", {}, _("what it reads: click pixels")))), this.words, this.reset, this.game) // prettier-ignore
  }

  take(network, redraw) {
    this.network = network
    this.redraw = redraw
  }

  // In whole steps of 255, so that whoever gets the two pictures as bytes has the very same.
  draw(picture, answer, sampled = false) {
    this.job?.stop()
    this.original = whole(picture)
    this.changed = this.original.slice()
    this.answer = answer
    this.sampled = sampled
    this.missed = null // what could not be reached
    const names = this.network.header.class_names
    refill(this.choice, ...names.map((name, label) => element("button", {
      type: "button", "data-key": label, disabled: label === answer.label && answer.isDigit, onclick: () => this.fool(label),
    }, _("make it {name}", { name })))) // prettier-ignore
    this.show()
  }

  // Steps along the gradient of "this digit rather than the one it reads now"; then as much of the change is
  // taken back as leaves the answer as it is.
  fool(label) {
    const { network, original } = this
    this.changed = original.slice()
    this.job?.stop()
    const wins = (picture) => {
      network.forward(picture)
      const found = network.answer()
      const { threshold, not_a_digit: none } = network.header
      return found.label === label && found.confidence > threshold + SLACK && found.digitness > none.threshold + SLACK
    }
    let reached = false
    this.missed = null
    this.words.textContent = _("Looking for the smallest change that makes it {name} …", { name: network.header.class_names[label] })
    this.job = soon([...Array(STEPS).keys()], () => {
      if (reached) return
      if (wins(whole(this.changed))) {
        reached = true
        return
      }
      const rival = network.answer().label === label ? this.answer.label : network.answer().label
      const seed = network.logit(label)
      if (rival !== label) seed[rival] = -1
      if (network.header.not_a_digit.known) seed[network.header.class_names.length] -= 0.5
      const slope = network.gradient(seed)
      // A change beyond paper or full ink does not count.
      const free = slope.map((s, i) => ((s > 0 && this.changed[i] >= 1) || (s < 0 && this.changed[i] <= 0) ? 0 : s))
      const length = Math.sqrt(free.reduce((sum, s) => sum + s * s, 0)) || 1
      this.changed = this.changed.map((value, i) => clip(value + (0.25 * free[i]) / length))
    }, () => {
      this.changed = whole(this.changed)
      if (reached || wins(this.changed)) {
        let [low, high] = [0, 1]
        const part = (share) => whole(original.map((value, i) => value + share * (this.changed[i] - value)))
        for (let i = 0; i < 7; i++) {
          const middle = (low + high) / 2
          wins(part(middle)) ? (high = middle) : (low = middle)
        }
        this.changed = part(high)
      } else {
        this.changed = original.slice()
        this.missed = label
      }
      network.forward(original)
      this.show()
    }, 0)
  }

  click(event) {
    const box = this.after.getBoundingClientRect()
    this.flip(Math.floor((28 * (event.clientY - box.top)) / box.height), Math.floor((28 * (event.clientX - box.left)) / box.width))
  }

  key(event) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key]
    if (step) this.cursor = this.cursor.map((value, i) => Math.max(0, Math.min(27, value + step[i])))
    else if (event.key === " ") this.flip(...this.cursor)
    else return
    event.preventDefault()
    this.show()
  }

  flip(y, x) {
    if (y < 0 || y > 27 || x < 0 || x > 27) return // a finger beside the edge
    this.job?.stop()
    this.missed = null
    this.changed[28 * y + x] = this.changed[28 * y + x] > 0.5 ? 0 : 1
    this.cursor = [y, x]
    this.show()
  }

  show() {
    const { original, changed, network } = this
    const difference = changed.map((value, i) => value - original[i])
    paintDigit(this.before, original)
    paintDigit(this.after, changed)
    const context = this.after.getContext("2d")
    context.fillStyle = "rgba(255, 209, 102, 0.6)"
    if (document.activeElement === this.after || this.after.getRootNode().activeElement === this.after)
      context.fillRect(this.cursor[1], this.cursor[0], 1, 1)
    paintSigned(this.alone, difference, 28, 28, largest(difference), dark(this.alone))
    network.forward(changed)
    const found = network.answer()
    network.forward(original)
    const ink = original.reduce((sum, value) => sum + value, 0) || 1
    const moved = difference.reduce((sum, value) => sum + Math.abs(value), 0)
    const pixels = difference.filter((value) => Math.abs(value) > 0.5).length
    const names = network.header.class_names
    const reads = found.isDigit ? withShare(found, names) : areDigits(names) ? _("no digit") : _("nothing it knows")
    this.words.textContent = this.missed != null
      ? _("No small change makes it {name}: {steps} steps did not get there.", { name: names[this.missed], steps: STEPS })
      : moved < 1e-6
      ? _("As drawn it reads {answer}.", { answer: inWords(this.answer, names) })
      : this.change(written(`${number((100 * moved) / ink)}%`), pixels, reads) // prettier-ignore
    this.found = { answer: found, share: moved / ink }
    this.offer()
  }

  // How much was changed, and what it reads now.
  change(share, n, answer) {
    if (!n) return _("Changed by {share} of the ink: it reads {answer}.", { share, answer })
    if (n === 1) return _("Changed by {share} of the ink, 1 pixel by half or more: it reads {answer}.", { share, answer })
    return _("Changed by {share} of the ink, {n} pixels by half or more: it reads {answer}.", { share, n, answer })
  }

  // game: {title: the class's network, here: whether it is the one looked into, smallest: the student's so far,
  // said: what came of the last one sent}, for students of a class; send: takes a change to the server.
  play(game, send) {
    this.class = game
    this.send = send
    if (this.found) this.offer()
  }

  // The class's game: what to do next, in one sentence, or the button that sends the change.
  offer() {
    const { class: game, found } = this
    this.game.hidden = !game
    if (!game) return
    const next = this.next(game)
    const names = this.network.header.class_names
    refill(this.game,
      element("p", {}, element("b", {}, _("In your class:"), " "), _("who fools {network} with the smallest change?", { network: game.title }), " ",
        game.smallest ? _("Your smallest so far: {share} of the ink.", { share: game.smallest }) : _("You have sent none yet.")),
      next ? element("p", { class: "faint" }, next)
        : element("button", { type: "button", class: "primary", "data-key": "send", onclick: () => this.send(bytes(this.original, this.changed)) },
          _("Send it to the board: {before} read as {after}, {share} of the ink", { before: names[this.answer.label],
            after: names[found.answer.label], share: written(`${(100 * found.share).toFixed(1)}%`) })),
      element("p", { role: "status" }, game.said)) // prettier-ignore
  }

  // What is still to be done before a change can be sent, in a sentence, or "".
  next(game) {
    const { answer, found } = this
    if (!game.here) return _("Choose {network} as the network above: that is the one to fool.", { network: game.title })
    if (this.sampled) return _("Draw a digit yourself: samples do not count.")
    if (!answer.accepted || answer.confidence < SURE)
      return _("Draw it more clearly: {network} must be {share} sure of it before you fool it.", { network: game.title, share: written(`${100 * SURE}%`) })
    const fooled = found.answer.accepted && found.answer.label !== answer.label
    return fooled ? "" : _("Change the drawing until another digit is read, with as little ink as you can.")
  }

  stop() {
    this.job?.stop()
  }
}
