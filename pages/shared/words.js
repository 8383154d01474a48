// A script's sentences in the visitor's language: `speak(data.words)` (language.words on the server) first, then
// `_(sentence, values)`, and `written` for what toFixed gives. Imports nothing.

let words = { language: "en", sentences: {} }

export function speak(given) {
  words = given ?? words
}

export function _(sentence, values = {}) {
  const said = words.sentences[sentence] ?? sentence
  return said.replace(/\{(\w+)\}/g, (gap, name) => (name in values ? String(values[name]) : gap))
}

// A number as JavaScript writes it ("0.5", "12%"), as the language writes it.
export function written(text) {
  if (words.language === "en") return String(text)
  return String(text).replace(".", ",").replace("%", "\u00a0%")
}
