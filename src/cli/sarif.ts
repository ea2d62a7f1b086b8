import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Problem } from '../model/problem.ts'

const ROOT = '%SRCROOT%'

/** Problems as code reviews take them (SARIF 2.1.0); `directory` is the folder that their files are named from. */
export function asSarif(problems: readonly Problem[], directory: string, version: string): unknown {
  const codes = [...new Set(problems.map(({ code }) => code))].sort()
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'holdfast', semanticVersion: version, rules: codes.map((id) => ({ id })) } },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { [ROOT]: { uri: `${pathToFileURL(resolve(directory)).href}/` } },
        results: problems.map((problem) => resultOf(problem, codes)),
      },
    ],
  }
}

function resultOf({ severity, code, message, hint, file, line, column }: Problem, codes: string[]): unknown {
  const uri = file.split('/').map(encodeURIComponent).join('/')
  // Of the whole file where there is no line.
  const region = line > 0 ? { region: { startLine: line, startColumn: column } } : {}
  return {
    ruleId: code,
    ruleIndex: codes.indexOf(code),
    level: severity,
    message: { text: `${message}. ${hint}` },
    locations: [{ physicalLocation: { artifactLocation: { uri, uriBaseId: ROOT }, ...region } }],
  }
}
