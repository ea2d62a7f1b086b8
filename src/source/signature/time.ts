import { Malformed } from './malformed.ts'

const TIME = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(Z|UTC)?$/

/**
 * A time as OpenSSH writes it, `YYYYMMDD[HHMM[SS]][Z]`, in seconds since 1970. Without `Z` it is meant in the time zone
 * of this machine, as OpenSSH has it. Throws `Malformed` for what is none.
 */
export function absoluteTime(text: string): number {
  const match = TIME.exec(text)
  if (match === null) throw new Malformed(`"${text}" is no time; write YYYYMMDDZ or YYYYMMDDHHMMSSZ`)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0))
  const parts = [year, month - 1, day, hour, minute, second] as const
  const date = match[7] === undefined ? new Date(...parts) : new Date(Date.UTC(...parts))
  const isReal = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month) && hour < 24 && minute < 60
  if (!isReal || second > 59) throw new Malformed(`"${text}" is no time there is`)
  return Math.floor(date.getTime() / 1000)
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}
