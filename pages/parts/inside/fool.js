// Uses element, refill, number, largest, paintDigit, paintSigned, dark, areDigits, inWords, withShare, soon, whole and
// leastChange, which come before it in the script.
// Fool it: the smallest change that turns the answer into another digit; in a class, a game.

// How sure a class's network must be of what is to be fooled, as in digitcore/classroom/fooling.py.
const SURE = 0.99

// Pictures as bytes, one after another, in base64.
const bytes = (...pictures) => btoa(pictures.flatMap((picture) => Array.from(picture, (value) => String.fromCharCode(Math.round(255 * value)))).join(""))

export class Fool {
  constructor(place) {
    place.append(
      element("p", {}, _("Choose another answer, and the page looks for the smallest change of your drawing that makes the network give it, " +
        "guided by its gradient. Or do it by hand: click pixels of the picture to add or erase ink.")), // prettier-ignore
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

  fool(label) {
    const { network, original } = this
    this.changed = original.slice()
    this.job?.stop()
    this.missed = null
    this.words.textContent = _("Looking for the smallest change that makes it {name} …", { name: network.header.class_names[label] })
    this.paint()
    const found = (changed) => {
      if (!changed || changed === this.changed) return
      this.changed = changed
      this.paint()
    }
    this.job = soon(leastChange(network, original, label), found, (changed) => {
      found(changed)
      if (!changed) this.missed = label
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

  // The drawing, the change and both together; returns the change.
  paint() {
    const { original, changed } = this
    const difference = changed.map((value, i) => value - original[i])
    paintDigit(this.before, original)
    paintDigit(this.after, changed)
    const context = this.after.getContext("2d")
    context.fillStyle = "rgba(255, 209, 102, 0.6)"
    if (document.activeElement === this.after || this.after.getRootNode().activeElement === this.after)
      context.fillRect(this.cursor[1], this.cursor[0], 1, 1)
    paintSigned(this.alone, difference, 28, 28, largest(difference), dark(this.alone))
    return difference
  }

  show() {
    const { original, changed, network } = this
    const difference = this.paint()
    network.forward(changed)
    const found = network.answer()
    network.forward(original)
    const ink = original.reduce((sum, value) => sum + value, 0) || 1
    const moved = difference.reduce((sum, value) => sum + Math.abs(value), 0)
    const pixels = difference.filter((value) => Math.abs(value) > 0.5).length
    const names = network.header.class_names
    const reads = found.isDigit ? withShare(found, names) : areDigits(names) ? _("no digit") : _("nothing it knows")
    this.words.textContent = this.missed != null
      ? _("No change that was tried makes it {name}.", { name: names[this.missed] })
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
        : element("button", { type: "button", class: "primary", "data-key": "send", "data-press": "later", onclick: () => this.send(bytes(this.original, this.changed)) },
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
