// The page Inside: the drawing on the page's canvas, or a sample that was tapped, in the chosen network, live. All
// of this happens on the visitor's device; the server only sends the weights, once.
// Uses live and pictureOf of the library, and what the modules before it export.

const PARTS = {
  look: [() => _("Look"), Look],
  why: [() => _("Why"), Why],
  near: [() => _("Nearest"), Neighbours],
  break: [() => _("Break it"), Break],
  fool: [() => _("Fool it"), Fool],
}
const VIEWS = new WeakMap()

export default function ({ data, parentElement }) {
  speak(data.words)
  const root = parentElement.querySelector(".inside")
  const view = VIEWS.get(root) ?? VIEWS.set(root, new View(root)).get(root)
  view.take(data)
  return () => view.rest()
}

class View {
  constructor(root) {
    this.root = root
    this.picture = null
    this.sample = null
    this.answers = element("div", { class: "answers" })
    this.samples = element("div", { class: "samples", role: "group", "aria-label": _("Sample digits") })
    this.tabs = element("div", { class: "tabs", role: "tablist" })
    this.panel = element("div", { role: "tabpanel" })
    root.replaceChildren(this.answers, this.samples, this.tabs, this.panel)
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
    this.open("look", false)
  }

  // A second network beside the first does not change what is shown of the first.
  async take(data) {
    this.stopWatching ??= watchDrawing((image) => this.drawn(image))
    if (data.network === this.wanted?.network && data.second === this.wanted.second) return
    this.wanted = data
    this.answers.replaceChildren(element("p", { class: "faint" }, _("The network is loading.")))
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
      this.wanted = null // asked for again when the page runs again
      this.shown = null // or another network's answer would appear under this one's name
      this.network = null
      this.stopParts()
      this.panel.hidden = true
      this.samples.replaceChildren()
      this.answers.replaceChildren(element("p", { role: "alert" }, error.message))
      return
    }
    if (!same) {
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

  drawn(image) {
    const found = image && pictureOf(image)
    this.picture = found?.picture ?? null
    if (this.picture && this.sample) this.choose(null) // drawing brings the drawing back
    this.several = Boolean(found?.mayBeSeveral)
    this.draw()
  }

  open(name, draw = true) {
    this.views[this.opened]?.stop?.()
    this.opened = name
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
      this.answers.replaceChildren(element("p", { class: "faint" }, hint))
      this.panel.hidden = true
      this.views[this.opened].stop?.()
      return
    }
    this.panel.hidden = false
    if (!this.stopWatching) return // the page was left while its network was loading
    const answer = this.network.read(picture)
    const second = this.second?.read(picture)
    this.answers.replaceChildren(said(this.network, answer, this.several && !this.sample), ...(second ? [said(this.second, second, false)] : []))
    const part = this.views[this.opened]
    if (!part.ready) {
      part.take(this.network, () => this.draw(), this.digits)
      part.ready = true
      this.network.read(picture)
    }
    part.draw(picture, answer)
  }

  stopParts() {
    for (const part of Object.values(this.views)) part.stop?.()
  }

  rest() {
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
function said(network, answer, several) {
  const names = network.header.class_names
  const bars = names.map((name, label) => {
    const share = answer.isDigit ? answer.probabilities[label] : 0
    return element("div", { class: label === answer.label && answer.isDigit ? "row first" : "row" },
      element("span", { class: "name" }, name),
      element("span", { class: "track" }, element("span", { class: "fill", style: `width:${100 * share}%` })),
      element("span", { class: "share" }, percent(share))) // prettier-ignore
  })
  return element("section", { class: "answer", "aria-label": _("{network} says", { network: network.header.title }) },
    element("p", { class: "faint" }, network.header.title),
    element("p", { class: `word${answer.isDigit ? "" : " none"}` }, answer.isDigit ? names[answer.label] : areDigits(names) ? _("no digit") : _("nothing")),
    element("p", {}, several ? _("Numbers are read on Draw; here the drawing is one picture.") : answer.isDigit && answer.accepted ? sure(answer) : inWords(answer, names)),
    element("div", { class: "bars" }, ...bars)) // prettier-ignore
}

// A sheet of 28 x 28 pictures, one after another, and their labels, one letter each.
async function trainingDigits(url, labels) {
  const image = new Image()
  image.src = url
  await image.decode()
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
