import { visit } from './visit.js'

/** What this page has asked the server to do, so that somebody who writes a client can ask the same. */
export interface Sent {
  id: number
  time: number
  method: string
  url: string
  body: string
  /** 0 while nothing was answered. */
  status: number
}

/** For a shell; who is signed in puts a token of their own into TOKEN. */
export function curlOf({ method, url, body }: Pick<Sent, 'method' | 'url' | 'body'>): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
  const parts = ['curl', ...(method === 'GET' ? [] : [`-X ${method}`]), quoted(url)]
  if (visit.value !== undefined) parts.push('-H "Authorization: Bearer $TOKEN"')
  if (body !== '') parts.push("-H 'Content-Type: application/json'", `-d ${quoted(body)}`)
  return parts.join(' ')
}
