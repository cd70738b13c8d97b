import type { Page, WebSocketRoute } from 'playwright-core'

/** The way between page and server: it can be cut and kept down, forget where the page was, and keep prices to itself. */
export class Way {
  private readonly sockets = new Set<WebSocketRoute>()
  down = false
  forgetful = false
  silent = false

  static async under(page: Page): Promise<Way> {
    const way = new Way()
    await page.routeWebSocket(/\/api\/v1\/ws/, (socket) => way.open(socket))
    await page.reload()
    return way
  }

  cut(): void {
    for (const socket of this.sockets) void socket.close({ code: 1012, reason: 'cut by the test' })
    this.sockets.clear()
  }

  private open(socket: WebSocketRoute): void {
    if (this.down) {
      void socket.close({ code: 1013, reason: 'kept down by the test' })
      return
    }
    this.sockets.add(socket)
    const server = socket.connectToServer()
    socket.onMessage((text) => server.send(this.forgetful ? String(text).replace(/,"epoch":"[^"]*","seq":\d+/, '') : text))
    server.onMessage((text) => {
      if (!this.silent || !String(text).startsWith('{"type":"quotes.update"')) socket.send(text)
    })
  }
}
