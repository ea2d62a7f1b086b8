import { HoldfastError } from '../model/errors.ts'
import type { Sql } from './database.ts'

/**
 * The schema, one step after the other; a database's `user_version` counts the steps it has behind it. A step that was
 * ever released is never changed: what comes next is appended.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE stack (
     name TEXT PRIMARY KEY,
     record TEXT NOT NULL,
     latest TEXT NOT NULL,
     status TEXT NOT NULL
   );
   CREATE TABLE release (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     stack TEXT NOT NULL,
     digest TEXT NOT NULL,
     manifest TEXT NOT NULL,
     release TEXT NOT NULL,
     UNIQUE (stack, digest)
   );
   CREATE INDEX release_by_manifest ON release (stack, manifest);
   CREATE TABLE history (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     at TEXT NOT NULL,
     stack TEXT NOT NULL,
     kind TEXT NOT NULL,
     release TEXT,
     message TEXT NOT NULL,
     logs TEXT NOT NULL
   );
   CREATE INDEX history_by_stack ON history (stack, id);
   CREATE TABLE request (
     id INTEGER PRIMARY KEY AUTOINCREMENT,
     request TEXT NOT NULL,
     answer TEXT
   );`,
  `CREATE TABLE repository (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     state TEXT NOT NULL
   );`,
  // An empty key: stored before releases were sealed.
  `ALTER TABLE release ADD COLUMN key TEXT NOT NULL DEFAULT '';
   CREATE TABLE key (
     id INTEGER PRIMARY KEY CHECK (id = 1),
     key TEXT NOT NULL
   );`,
  // Before there were several sources, the one there was had no name.
  `ALTER TABLE repository RENAME TO one_repository;
   CREATE TABLE repository (
     source TEXT PRIMARY KEY,
     state TEXT NOT NULL
   );
   INSERT INTO repository (source, state) SELECT 'default', state FROM one_repository;
   DROP TABLE one_repository;`,
  `CREATE TABLE folder (
     stack TEXT NOT NULL,
     path TEXT NOT NULL,
     writable INTEGER NOT NULL,
     PRIMARY KEY (stack, path)
   );`,
]

/** Brings a database forward, all steps or none. Refuses one that a newer Holdfast has written. */
export function migrate(sql: Sql, file: string, migrations: readonly string[] = MIGRATIONS): void {
  if (versionOf(sql) === migrations.length) return
  sql.transaction(() => {
    const version = versionOf(sql)
    if (version > migrations.length) throw tooNew(file, version, migrations.length)
    for (const step of migrations.slice(version)) sql.exec(step)
    sql.exec(`PRAGMA user_version = ${migrations.length}`)
  })
}

function versionOf(sql: Sql): number {
  return sql.first<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0
}

function tooNew(file: string, found: number, known: number): HoldfastError {
  const text = `The database ${file} was written by a newer Holdfast (schema ${found}, this one knows ${known}).`
  const next =
    'Start the newer Holdfast again, or move the file away: nothing that runs is touched, the history is lost.'
  return new HoldfastError('terminal', `${text} ${next}`)
}
