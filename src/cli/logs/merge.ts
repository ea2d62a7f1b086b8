/**
 * Several sequences that are sorted each as one that is, taking from each no more than is needed. A sequence that ends
 * with an error is told to `onError` and is over; the others go on.
 */
export async function* merge<T>(
  sequences: readonly AsyncIterable<T>[],
  isBefore: (one: T, other: T) => boolean,
  onError: (error: unknown) => void,
): AsyncGenerator<T> {
  const advance = async (iterator: AsyncIterator<T>): Promise<Head<T>[]> => {
    try {
      const next = await iterator.next()
      return next.done ? [] : [{ iterator, value: next.value }]
    } catch (error) {
      onError(error)
      return []
    }
  }
  let heads = (await Promise.all(sequences.map((one) => advance(one[Symbol.asyncIterator]())))).flat()
  for (;;) {
    const first = heads.reduce<Head<T> | null>(
      (best, head) => (best && !isBefore(head.value, best.value) ? best : head),
      null,
    )
    if (first === null) return
    yield first.value
    const moved = await advance(first.iterator)
    heads = heads.flatMap((head) => (head === first ? moved : [head]))
  }
}

interface Head<T> {
  iterator: AsyncIterator<T>
  value: T
}
