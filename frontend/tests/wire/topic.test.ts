import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { topicString } from '../../src/wire/topic.js'

type Vector = { type: string; request: object; topic: string }
const shared = new URL('../../../backend/tests/topic_vectors.json', import.meta.url)
const vectors = JSON.parse(readFileSync(shared, 'utf8')) as Vector[]

describe('a topic string', () => {
  it.each(vectors)('is what the server writes: $topic', ({ type, request, topic }) => {
    expect(topicString(type, request)).toBe(topic)
  })

  it('leaves out what is absent', () => {
    expect(topicString('quotes', { symbol: 'A', epoch: null, seq: undefined })).toBe('quotes:{"symbol":"A"}')
  })
})
