import { MediaError } from '../errors.ts'
import { runJobHere } from './job-here.ts'
import { createJobView } from './job-view.ts'
import { openApp } from './open-app.ts'
import { createOutput } from './output.ts'
import type { CommandContext } from './program.ts'
import { findServer } from './server-file.ts'

/** `mediamill import FOLDER`: here, or in the server that runs on the same data folder. */
export async function importFolder(context: CommandContext, folder: string): Promise<number> {
  if (folder === '') throw new MediaError('PARAMS_INVALID', ['"import" needs the path of a folder.'])
  const options = { retryFailed: context.options.retryFailed === true }
  const output = createOutput(context.isJson, context.flags.data)
  const { config, app } = openApp(context)
  const server = findServer(config.data)
  if (server) {
    const { importRemotely } = await import('./remote.ts')
    return importRemotely(server, folder, options, await createJobView(output))
  }
  const built = app()
  const again = () => output.command(`import ${folder}`)
  try {
    return await runJobHere(built, () => built.jobs.startImport(folder, options), await createJobView(output), again)
  } finally {
    await built.stop()
  }
}
