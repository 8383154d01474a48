// The network whose bytes lie at a path of this server, such as live_network.address gives: a promise of a
// Network of one's own, whose bytes are fetched once however many ask.
export async function live(path) {
  return new Network(await fetched(served(path)))
}

// The whole address of a path of the server, which a proxy may have put anywhere and whose pages lie at /, at
// /train and so on: beside its own scripts.
function served(path) {
  const own = document.querySelector('script[src*="static/js/"]')
  const root = own ? new URL("../../", own.src) : new URL("./", document.baseURI)
  return new URL(path.replace(/^\/+/, ""), root).href
}
