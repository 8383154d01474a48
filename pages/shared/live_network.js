// The network whose bytes are at a path of this server, as live_network.address gives it: a promise of a Network of
// the caller's own. The bytes are fetched only once, however many ask for them.
export async function live(path) {
  return new Network(await patiently(() => fetched(served(path))))
}

const WAITS = [200, 500, 1000, 2000, 4000] // milliseconds between tries

// What `ask` promises, asked again a few times where that fails: a connection may be lost for a moment, and the server
// takes a file away for an instant where one run of a page ends early for the next.
export async function patiently(ask) {
  for (const wait of WAITS) {
    try {
      return await ask()
    } catch {
      await new Promise((resolve) => setTimeout(resolve, wait))
    }
  }
  return ask()
}

// The full address of a path of the server. A proxy may have put the server anywhere, and its pages are at /, at
// /train and so on, so the address is derived from that of its own scripts.
function served(path) {
  const own = document.querySelector('script[src*="static/js/"]')
  const root = own ? new URL("../../", own.src) : new URL("./", document.baseURI)
  return new URL(path.replace(/^\/+/, ""), root).href
}
