import { dotenv } from './formats/dotenv.ts'
import { binary, json } from './formats/json.ts'
import { yaml } from './formats/yaml.ts'
import type { WrittenDocument } from './mac.ts'
import { Refusal } from './refusal.ts'
import type { Branch, Value } from './tree.ts'

/** One of the formats that SOPS encrypts. */
export interface Format {
  /** Takes an encrypted file apart. `metadata` is what SOPS added, null where there is nothing. */
  read(text: string): { documents: WrittenDocument[]; metadata: Branch | null }
  /** The file without encryption; comments are left out. */
  write(documents: Value[]): Uint8Array
}

/** How SOPS wrote the file: by what is in it, and where that leaves a choice by its name, as SOPS itself chooses. */
export function formatOf(path: string, text: string): Format {
  if (/^\s*\{/.test(text)) {
    if (/\.ya?ml$/.test(path)) return yaml
    return /\.json$/.test(path) || !binary.fits(text) ? json : binary
  }
  if (/^sops_(mac|version|lastmodified)=/m.test(text)) return dotenv
  if (/^\[sops\]\s*$/m.test(text) || path.endsWith('.ini')) throw noIni()
  return path.endsWith('.env') && !/^sops:/m.test(text) ? dotenv : yaml
}

function noIni(): Refusal {
  const advice = 'Encrypt it as a whole: sops encrypt --input-type binary --output-type binary'
  return new Refusal(`it is an INI file, which is not supported. ${advice}`)
}
