import { randomBytes } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive, ownMark } from '../executor/owner.ts'

/** How a command reaches the server that works on the same data folder. */
export interface ServerAddress {
  readonly url: string
  /** Proves that the caller can read the data folder, and so may name any file that its user may. */
  readonly token: string
}

const pathIn = (data: string) => join(data, 'server.json')

/** A fresh secret for the server's own commands. */
export const makeToken = (): string => randomBytes(24).toString('base64url')

/** Leaves word that a server runs on this data folder; readable by its user alone. */
export function announceServer(data: string, address: ServerAddress): void {
  writeFileSync(pathIn(data), JSON.stringify({ ...address, owner: ownMark() }), { mode: 0o600 })
}

/** Takes the word back, unless it is that of another server. */
export function withdrawServer(data: string): void {
  if (ownerOf(data) === ownMark()) rmSync(pathIn(data), { force: true })
}

function ownerOf(data: string): unknown {
  try {
    return JSON.parse(readFileSync(pathIn(data), 'utf8')).owner
  } catch {
    return undefined
  }
}

/** The server that runs on this data folder; undefined when none does, also after one that was killed. */
export function findServer(data: string): ServerAddress | undefined {
  try {
    const { url, token, owner } = JSON.parse(readFileSync(pathIn(data), 'utf8'))
    return isAlive(owner) ? { url, token } : undefined
  } catch {
    return undefined
  }
}
