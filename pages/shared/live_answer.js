// An answer with its bars, which can change at every frame without moving anything else on the page. It imports
// nothing; its style is live_answer.css.

const LARGEST = 104 // pixels: the size of a digit
const WIDTH = 0.62 // width of a letter over its size

// word: {rows: [[large, small], …], caption, probabilities}. `large` is the answer, or "" where `small` is a
// sentence that says why there is none. probabilities: one for each class; all 0 where nothing is guessed.
// tag: of the element that holds a row; a page whose title is another one has no use for more headings.
export class LiveAnswer {
  constructor(root, tag = "h1") {
    this.tag = tag
    this.rows = made("div", "rows")
    this.caption = made("p", "caption")
    this.table = made("div", "bars")
    this.table.setAttribute("role", "img")
    root.replaceChildren(this.rows, this.caption, this.table)
    this.bars = []
    this.root = root
  }

  name(classes) {
    if (classes.join() === this.classes?.join()) return
    this.classes = classes
    this.bars = classes.map((name) => {
      const bar = { row: made("div", "bar"), fill: made("span", "fill"), figure: made("span", "figure"), share: NaN }
      const track = made("span", "track")
      track.append(bar.fill)
      bar.row.append(made("span", "name", name), track, bar.figure)
      return bar
    })
    this.table.replaceChildren(...this.bars.map(({ row }) => row))
  }

  // held: shown faintly, because the next answer is on its way.
  show({ rows, caption, probabilities }, held = false) {
    const told = JSON.stringify(rows)
    if (told !== this.told) {
      this.told = told
      this.rows.replaceChildren(...rows.map((row) => this.heading(...row)))
    }
    write(this.caption, caption)
    this.root.classList.toggle("held", held)
    const most = Math.max(...probabilities)
    const guessed = most > 0
    this.bars.forEach((bar, i) => {
      const share = probabilities[i] ?? 0
      if (share === bar.share && guessed === bar.guessed) return
      bar.share = share
      bar.guessed = guessed
      bar.fill.style.transform = `scaleX(${share})`
      write(bar.figure, guessed ? percent(share) : "")
    })
    this.bars.forEach((bar, i) => bar.row.classList.toggle("leads", guessed && probabilities[i] === most))
    const label = guessed ? _("The network's probabilities: {answer} leads with {share}", { answer: this.classes[probabilities.indexOf(most)], share: percent(most) }) : _("The network's probabilities, empty")
    if (label !== this.label) this.table.setAttribute("aria-label", (this.label = label))
  }

  heading(large, small) {
    const heading = made(this.tag, large ? "stated" : "stated sentence")
    if (large) {
      const number = made("span", "large", large)
      const room = this.root.clientWidth || 320
      number.style.fontSize = `${Math.max(28, Math.min(LARGEST, Math.floor(room / (WIDTH * large.length))))}px`
      heading.append(number)
    }
    if (small) heading.append(large ? made("span", "small", small) : small)
    return heading
  }
}

// Per cent for people: never 100, because no network can be certain.
export const percent = (share) => written(share >= 0.9995 ? ">99.9%" : `${(100 * share).toFixed(1)}%`)

function made(tag, name, text = "") {
  const element = document.createElement(tag)
  if (name) element.className = name
  element.textContent = text
  return element
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text
}
