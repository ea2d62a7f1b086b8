/** A file of SOPS as it is written: order counts, for the MAC covers it. */
export type Written = Scalar | Branch | Written[]

export interface Scalar {
  text: string
  /** Without quotes it may be a number, true, false or null; by which rules, its format says. */
  plain: boolean
}

/** By key, in the order of the file. A Map keeps also keys that look like numbers in their place. */
export type Branch = Map<string, Written>

/** The same opened. Bytes are those that are no text. */
export type Value = string | bigint | number | boolean | null | Uint8Array | Value[] | Map<string, Value>

/** Deeper than anybody nests, and shallow enough for the stack. */
export const MAX_DEPTH = 100

export function isScalar(node: Written | undefined): node is Scalar {
  return node !== undefined && 'text' in node
}
