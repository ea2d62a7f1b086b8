/** How long to wait after the `failures`-th failure in a row: `firstMs`, doubled with each more, at most `longestMs`. */
export function backOffMs(failures: number, firstMs: number, longestMs: number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(30, failures - 1))
}
