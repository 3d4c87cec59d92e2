import { type App, createApp } from '../app.ts'
import { type Config, loadConfig } from '../config.ts'
import type { CommandContext } from './program.ts'

/** The settings of a command, and the parts, built when they are first asked for. */
export function openApp(context: CommandContext): { config: Config; app: () => App } {
  const { config } = loadConfig(context.flags)
  let app: App | undefined
  return {
    config,
    app: () => {
      app ??= createApp(config)
      return app
    },
  }
}
