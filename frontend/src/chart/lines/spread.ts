/** Heights for pills that would lie on each other: each as near to its line as the others let it be. Order is kept. */
export function spread(wanted: readonly number[], gap: number): number[] {
  const order = wanted.map((_, index) => index).sort((one, other) => (wanted[one] as number) - (wanted[other] as number))
  let heaps: { indexes: number[]; middle: number }[] = []
  for (const index of order) {
    let heap = { indexes: [index], middle: wanted[index] as number }
    for (let above = heaps.at(-1); above !== undefined && overlap(above, heap, gap); above = heaps.at(-1)) {
      heaps = heaps.slice(0, -1)
      const indexes = [...above.indexes, ...heap.indexes]
      heap = { indexes, middle: indexes.reduce((sum, one) => sum + (wanted[one] as number), 0) / indexes.length }
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

function overlap(
  above: { indexes: number[]; middle: number },
  below: { indexes: number[]; middle: number },
  gap: number,
): boolean {
  return below.middle - above.middle < ((above.indexes.length + below.indexes.length) / 2) * gap
}
