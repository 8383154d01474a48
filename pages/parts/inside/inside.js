// The page Inside: the drawing on the page's canvas, or a sample that was tapped, in the chosen network, live. All
// of this happens on the visitor's device; the server only sends the weights, once.
// Uses live and pictureOf of the library, watchDrawing, LiveAnswer, and what the modules before it export.

const PARTS = {
  look: [() => _("Look"), Look],
  why: [() => _("Why"), Why],
  near: [() => _("Nearest"), Neighbours],
  break: [() => _("Break it"), Break],
  fool: [() => _("Fool it"), Fool],
}
const VIEWS = new WeakMap()
const OPENED = "digitlab.inside" // in the tab's own store: which part was open
const AGAIN = 10_000 // milliseconds after which a network that could not be loaded is asked for again
const SAID_AFTER = 400 // milliseconds in which a drawing stands still before its answer is read aloud

export default function ({ data, parentElement, setTriggerValue }) {
  speak(data.words)
  const root = parentElement.querySelector(".inside")
  const view = VIEWS.get(root) ?? VIEWS.set(root, new View(root)).get(root)
  view.views.fool.play(data.game, (claim) => setTriggerValue("claim", claim))
  view.take(data)
  return () => view.rest()
}

class View {
  constructor(root) {
    this.root = root
    this.image = null
    this.picture = null
    this.sample = null
    this.answers = element("div", { class: "answers" })
    this.region = element("div", { class: "unseen", role: "status", "aria-live": "polite", "aria-atomic": "true" })
    this.samples = element("div", { class: "samples", role: "group", "aria-label": _("Sample digits") })
    this.tabs = element("div", { class: "tabs", role: "tablist" })
    this.panel = element("div", { role: "tabpanel" })
    // What it says, and what becomes of the drawing: below each other, or where there is room, side by side.
    const said = element("div", { class: "says" }, this.answers, this.region, this.samples)
    root.replaceChildren(element("div", { class: "whole" }, said, element("div", {}, this.tabs, this.panel)))
    this.views = {}
    this.places = {}
    for (const [name, [title, Part]] of Object.entries(PARTS)) {
      const place = element("div", { class: `part ${name}`, hidden: true })
      this.places[name] = place
      this.views[name] = new Part(place)
      this.panel.append(place)
      this.tabs.append(element("button", { type: "button", role: "tab", id: `tab-${name}`, onclick: () => this.open(name),
        onkeydown: (event) => this.arrow(event) }, title())) // prettier-ignore
    }
    const before = kept()
    this.open(before in PARTS ? before : "look", false)
  }

  // A second network beside the first does not change what is shown of the first.
  async take(data) {
    clearTimeout(this.again)
    this.stopWatching ??= watchDrawing((image, drawing) => this.drawn(image, drawing))
    if (data.network === this.wanted?.network && data.second === this.wanted.second) return
    this.wanted = data
    this.note(element("p", { class: "faint" }, _("The network is loading.")))
    const same = data.network === this.shown?.network
    try {
      const [network, second, digits] = await Promise.all([
        same ? this.network : live(data.network),
        data.second ? live(data.second) : null,
        same ? this.digits : data.digits ? trainingDigits(data.digits, data.labels) : null,
      ])
      if (this.wanted !== data) return // another one was chosen meanwhile
      Object.assign(this, { network, second, digits, shown: data })
    } catch (error) {
      if (this.wanted !== data) return
      this.wanted = null // asked for again when the page runs again, and by itself
      this.again = setTimeout(() => this.wanted ?? this.take(data), AGAIN)
      this.shown = null // or another network's answer would appear under this one's name
      this.network = null
      this.stopParts()
      this.panel.hidden = true
      this.samples.replaceChildren()
      this.note(element("p", { role: "alert" }, error.message))
      return
    }
    if (!same) {
      this.make()
      this.stopParts()
      for (const part of Object.values(this.views)) part.ready = false
      this.root.classList.toggle("words", !areDigits(this.network.header.class_names))
      this.offer()
    }
    this.draw()
  }

  // Ten training digits to start with, one of each class.
  offer() {
    this.samples.replaceChildren()
    this.choose(null)
    if (!this.digits) return
    const names = this.network.header.class_names
    names.forEach((name, label) => {
      const index = this.digits.labels.indexOf(label)
      if (index < 0) return
      const canvas = element("canvas", { class: "tiny" })
      paintDigit(canvas, this.digits.picture(index))
      // A second tap brings the drawing back.
      this.samples.append(element("button", { type: "button", "aria-label": _("Sample {name}", { name }), "aria-pressed": "false", onclick: () => {
        this.choose(this.sampled === index ? null : index)
        this.draw()
      }, "data-index": index }, canvas)) // prettier-ignore
    })
  }

  // Show a training digit instead of the drawing; null for the drawing.
  choose(index) {
    this.sampled = index
    this.sample = index === null ? null : Float32Array.from(this.digits.picture(index))
    for (const button of this.samples.children)
      button.setAttribute("aria-pressed", String(Number(button.dataset.index) === index))
  }

  drawn(image, drawing) {
    this.image = image
    this.make()
    if (this.picture && this.sample) this.choose(null) // drawing brings the drawing back
    this.drawing = drawing
    this.draw()
  }

  // The picture that the network sees of what is drawn.
  make() {
    const found = this.image && pictureOf(this.image, this.network ? !this.network.readsDigits : false)
    this.picture = found?.picture ?? null
    this.several = Boolean(found?.mayBeSeveral && this.network?.readsDigits)
  }

  // A line in place of the answers.
  note(line) {
    this.told = null
    this.answers.replaceChildren(line)
  }

  // Each network's answer, which changes in its place: a screen reader and a finger keep theirs.
  answer(...given) {
    const networks = given.map(([network]) => network)
    if (this.told?.networks.length !== networks.length || networks.some((each, i) => each !== this.told.networks[i]))
      this.told = { networks, answers: networks.map((network, i) => new Answer(network, i ? this.shown.second_title : null)) }
    if (this.answers.firstChild !== this.told.answers[0].root)
      this.answers.replaceChildren(...this.told.answers.map(({ root }) => root))
    const words = given.map(([, ...about], i) => this.told.answers[i].show(...about))
    this.say(words.join(" "))
  }

  // For the ear: what stands when the pen is lifted and nothing has changed for a moment.
  say(words) {
    clearTimeout(this.speaking)
    this.speaking = setTimeout(() => {
      if (this.drawing || !this.stopWatching || words === this.region.textContent) return
      this.region.textContent = words
    }, SAID_AFTER)
  }

  open(name, draw = true) {
    this.views[this.opened]?.stop?.()
    this.opened = name
    keep(name)
    this.panel.setAttribute("aria-labelledby", `tab-${name}`)
    for (const [other, place] of Object.entries(this.places)) {
      place.hidden = other !== name
      const tab = this.tabs.querySelector(`#tab-${other}`)
      tab.setAttribute("aria-selected", String(other === name))
      tab.tabIndex = other === name ? 0 : -1
    }
    if (draw) this.draw()
  }

  arrow(event) {
    const names = Object.keys(PARTS)
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const next = names[(names.indexOf(this.opened) + step + names.length) % names.length]
    this.open(next)
    this.tabs.querySelector(`#tab-${next}`).focus()
  }

  draw() {
    if (!this.network) return
    const picture = this.sample ?? this.picture
    if (!picture) {
      const digits = areDigits(this.network.header.class_names)
      const hint = this.digits
        ? digits ? _("Draw a digit, or tap one of these.") : _("Draw something, or tap one of these.")
        : digits ? _("Draw a digit.") : _("Draw something.") // prettier-ignore
      this.note(element("p", { class: "faint hint" }, hint))
      this.say("")
      this.panel.hidden = true
      this.views[this.opened].stop?.()
      return
    }
    this.panel.hidden = false
    if (!this.stopWatching) return // the page was left while its network was loading
    const answer = this.network.read(picture)
    const second = this.second?.read(picture)
    const several = this.several && !this.sample
    this.answer([this.network, answer, several], ...(second ? [[this.second, second, false]] : []))
    const part = this.views[this.opened]
    if (!part.ready) {
      part.take(this.network, () => this.draw(), this.digits)
      part.ready = true
      this.network.read(picture)
    }
    part.draw(picture, answer, Boolean(this.sample))
  }

  stopParts() {
    for (const part of Object.values(this.views)) part.stop?.()
  }

  rest() {
    clearTimeout(this.again)
    this.stopWatching?.()
    this.stopWatching = null
    this.stopParts()
  }
}

function sure(answer) {
  const over = answer.confidence >= 0.9995
  return over ? _("over {share} sure", { share: written("99.9%") }) : _("{share} sure", { share: written(answer.sureness) })
}

// The answer of one network: what it says, how sure it is, and a bar for each class.
class Answer {
  // title: where it is not the network's own.
  constructor(network, title) {
    this.title = title ?? network.header.title
    this.names = network.header.class_names
    const place = element("div", { class: "live-answer" })
    this.root = element("section", { class: "answer", "aria-label": _("{network} says", { network: this.title }) },
      element("p", { class: "faint" }, this.title), place) // prettier-ignore
    this.live = new LiveAnswer(place, "p")
    this.live.name(this.names)
  }

  // Returns what it says in a sentence.
  show(answer, several) {
    const nothing = areDigits(this.names) ? _("no digit") : _("nothing")
    const row = answer.isDigit ? [this.names[answer.label], ""] : ["", nothing]
    const caption = several ? _("Numbers are read on Draw; here the drawing is one picture.")
      : answer.isDigit && answer.accepted ? sure(answer) : inWords(answer, this.names) // prettier-ignore
    const probabilities = answer.isDigit ? answer.probabilities : this.names.map(() => 0)
    this.live.show({ rows: [row], caption, probabilities })
    return `${this.title}: ${row.join("")}. ${caption}.`
  }
}

// Which part was open the last time in this tab; a browser may keep nothing.
function kept() {
  try {
    return sessionStorage.getItem(OPENED)
  } catch {
    return null
  }
}

function keep(name) {
  try {
    sessionStorage.setItem(OPENED, name)
  } catch {
    // then the first part is open the next time
  }
}

// A sheet of 28 x 28 pictures, one after another, and their labels, one letter each.
async function trainingDigits(url, labels) {
  const image = await patiently(async () => {
    const found = new Image()
    found.src = url
    await found.decode()
    return found
  })
  const canvas = document.createElement("canvas")
  canvas.width = image.width
  canvas.height = image.height
  const context = canvas.getContext("2d", { willReadFrequently: true })
  context.drawImage(image, 0, 0)
  const { data } = context.getImageData(0, 0, image.width, image.height)
  const across = image.width / 28
  const picture = (index) => {
    const found = new Float32Array(784)
    const left = (index % across) * 28
    const top = Math.floor(index / across) * 28
    for (let i = 0; i < 784; i++)
      found[i] = data[4 * ((top + Math.floor(i / 28)) * image.width + left + (i % 28))] / 255
    return found
  }
  return { picture, labels: [...labels].map((letter) => letter.charCodeAt(0) - 97) }
}
