import { type ChildProcess, spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A server on a busy machine may need it. */
const START_MS_MAX = 60_000
const PYTHON = fileURLToPath(new URL('../../../.venv/bin/python', import.meta.url))

/** The real server in a process of its own, on a free port and an empty folder. */
export class Server {
  private constructor(
    readonly url: string,
    private process: ChildProcess,
    private readonly folder: string,
    private readonly settings: Record<string, string>,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), 'trading-frontend-'))
    const { url, process } = await launch(folder, 0, settings)
    return new Server(url, process, folder, settings)
  }

  get socketUrl(): string {
    return `${this.url.replace('http', 'ws')}/api/v1/ws`
  }

  /** Killed without a word, and after a while started again on the same port and folder. */
  async kill(): Promise<void> {
    const gone = new Promise((resolve) => this.process.once('exit', resolve))
    this.process.kill('SIGKILL')
    await gone
  }

  async startAgain(): Promise<void> {
    this.process = (await launch(this.folder, Number(new URL(this.url).port), this.settings)).process
  }

  /** Another command on the same folder, beside the server; what it prints. */
  async cli(command: readonly string[], input = ''): Promise<string> {
    const env = { ...inherited(), TRADING_DATA_DIR: join(this.folder, 'state') }
    const child = spawn(PYTHON, ['-m', 'trading_api.cli', ...command], { cwd: this.folder, env })
    child.stdin.end(`${input}\n`)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => (said += piece.toString()))
    const code = await new Promise((resolve) => child.once('close', resolve))
    if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}: ${said}`)
    return said
  }

  get log(): string {
    return readFileSync(join(this.folder, 'server.log'), 'utf8')
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function inherited(): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TRADING_')))
}

async function launch(
  folder: string,
  port: number,
  settings: Record<string, string>,
): Promise<{ url: string; process: ChildProcess }> {
  const log = join(folder, 'server.log')
  const child = spawn(PYTHON, ['-m', 'trading_api.cli', 'serve', '--port', String(port), '--data-dir', join(folder, 'state')], {
    cwd: folder,
    env: { ...inherited(), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  child.stderr.pipe(createWriteStream(log, { flags: 'a' }))
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the server did not start: ${readFileSync(log, 'utf8')}`)), START_MS_MAX)
    let said = ''
    child.stdout.on('data', (piece: Buffer) => {
      said += piece.toString()
      const found = /http:\/\/[^\s/]+/.exec(said)
      if (found === null) return
      clearTimeout(late)
      resolve(found[0])
    })
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}: ${readFileSync(log, 'utf8')}`)))
  })
  return { url, process: child }
}
