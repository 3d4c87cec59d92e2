#!/usr/bin/env node
// Plain JavaScript that any Node can read, so that an old one gets a sentence and not a syntax error.
import { existsSync } from 'node:fs'

const needed = 24
const major = Number(process.versions.node.split('.')[0])
if (major < needed) {
  console.error(
    `mediamill needs Node ${needed} or newer; this is Node ${process.versions.node}.\n` +
      'In a clone, "npm start -- <command>" uses the Node that "npm install" brought along.',
  )
  process.exit(3)
}

// A published package carries compiled files in dist/; a clone runs its TypeScript as it is.
const compiled = new URL('../dist/main.js', import.meta.url)
const { enableCompileCache } = await import('node:module')
enableCompileCache?.()
await import(existsSync(compiled) ? compiled.href : new URL('../src/main.ts', import.meta.url).href)
