import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const decoders = ['sharp', 'node-av', 'libheif-js', 'exifreader'] as const

/** The decoders' exact versions, read from their packages without loading them: `{ sharp: '0.35.5', … }`. */
export function decoderVersions(): Record<string, string> {
  return Object.fromEntries(decoders.map((name) => [name, versionOf(name)]))
}

function versionOf(name: string): string {
  const require = createRequire(import.meta.url)
  // Some packages do not export their package.json, so it is looked for beside the modules that are searched.
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return JSON.parse(readFileSync(join(folder, name, 'package.json'), 'utf8')).version
    } catch {
      // Not in this folder: the next one.
    }
  }
  return 'unknown'
}

let engine: { readonly exact: string; readonly series: string } | undefined

/**
 * The decoders in short texts. `series` (`sharp 0.35, …`) is part of every result's key: a fix release makes nothing
 * anew. `exact` is part of what a failure hangs on: every new decoder gets a new chance at files that could not be read.
 */
export function engineVersions(): { readonly exact: string; readonly series: string } {
  engine ??= (() => {
    const versions = Object.entries(decoderVersions())
    return {
      exact: versions.map(([name, version]) => `${name} ${version}`).join(', '),
      series: versions.map(([name, version]) => `${name} ${version.split('.').slice(0, 2).join('.')}`).join(', '),
    }
  })()
  return engine
}
