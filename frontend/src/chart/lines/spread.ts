interface Heap {
  indexes: number[]
  middle: number
}

/** Heights for what would lie on each other: each as near to its own as the others and the edges let it be. Order is kept. */
export function spread(wanted: readonly number[], gap: number, { top, bottom }: { top: number; bottom: number }): number[] {
  const order = wanted.map((_, index) => index).sort((one, other) => (wanted[one] as number) - (wanted[other] as number))
  const heapOf = (indexes: number[]): Heap => {
    const middle = indexes.reduce((sum, one) => sum + (wanted[one] as number), 0) / indexes.length
    const half = (indexes.length * gap) / 2
    return { indexes, middle: Math.max(top + half, Math.min(bottom - half, middle)) }
  }
  let heaps: Heap[] = []
  for (const index of order) {
    let heap = heapOf([index])
    for (let above = heaps.at(-1); above !== undefined && overlap(above, heap, gap); above = heaps.at(-1)) {
      heaps = heaps.slice(0, -1)
      heap = heapOf([...above.indexes, ...heap.indexes])
    }
    heaps.push(heap)
  }
  const places: number[] = []
  for (const { indexes, middle } of heaps) {
    indexes.forEach((index, at) => {
      places[index] = middle + (at - (indexes.length - 1) / 2) * gap
    })
  }
  return places
}

function overlap(above: Heap, below: Heap, gap: number): boolean {
  return below.middle - above.middle < ((above.indexes.length + below.indexes.length) / 2) * gap
}
