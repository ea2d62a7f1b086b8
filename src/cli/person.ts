import { userInfo } from 'node:os'

/** Who types this: behind sudo the one who typed that; empty where the system has no name for the user. */
export function personName(): string {
  const { SUDO_USER, USER } = process.env
  try {
    return SUDO_USER || USER || userInfo().username
  } catch {
    return ''
  }
}
