import type { Topics } from '../generated/topics.js'

export type TopicType = keyof Topics
export type Request<T extends TopicType> = Topics[T]['request']
export type State<T extends TopicType> = NonNullable<Topics[T]['subscribed']['state']>
export type Value<T extends TopicType> = NonNullable<Topics[T]['update']['payload']>

/** How often each topic tells something about one fact. */
export type Shares = Readonly<Record<string, number>>

/**
 * What a listener hears. First `state` (or `refused`, the end), then updates. After a cut: `recovered`, and every missed update
 * follows; or `state` again, which replaces all that was known. `emptied`: counting began anew and the list is empty.
 */
export type Heard<T extends TopicType = TopicType> =
  | { kind: 'state'; state: State<T>; epoch: string; seq: number }
  | { kind: 'recovered'; epoch: string; seq: number }
  | { kind: 'update'; value: Value<T>; epoch: string; seq: number; fact?: number; of?: Shares }
  | { kind: 'emptied'; epoch: string; seq: number; fact?: number; of?: Shares }
  | { kind: 'refused'; code: string; message: string }

export type Listener<T extends TopicType = TopicType> = (heard: Heard<T>) => void
