// Makes package-lock.json the same wherever it is written. Run by `make lock`.
import { readFileSync, writeFileSync } from 'node:fs'

const file = new URL('package-lock.json', import.meta.url)
const lock = JSON.parse(readFileSync(file, 'utf8'))

// A lock carries no addresses, and funding links are some.
for (const entry of Object.values(lock.packages)) delete entry.funding

// A registry without the builds for other machines leaves them out, and then `npm ci` refuses the lock. They are named instead.
for (const { optionalDependencies = {}, dev } of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const [, os, cpu, libc] = /-(android|darwin|linux|win32)-(arm64|x64)(?:-(musl))?$/.exec(name) ?? []
    const entry = `node_modules/${name}`
    if (os === undefined || lock.packages[entry] !== undefined || !/^\d+\.\d+\.\d+$/.test(version)) continue
    lock.packages[entry] = {
      version,
      cpu: [cpu],
      ...(dev ? { dev } : {}),
      ...(libc ? { libc: [libc] } : {}),
      optional: true,
      os: [os],
    }
  }
}
const sorted = Object.entries(lock.packages).sort(([one], [other]) => (one < other ? -1 : 1))
lock.packages = Object.fromEntries(sorted)
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
