import { Command, CommanderError, Option } from 'commander'
import type { Flags } from '../config.ts'
import { MediaError } from '../errors.ts'
import { exitCodes } from './output.ts'

/** Flags that every command takes. */
interface CommonOptions {
  readonly data?: string
  readonly root?: string[]
  readonly workers?: string
  readonly logLevel?: string
  readonly json?: boolean
  readonly host?: string
  readonly port?: string
}

/** What a command gets: the flags that are settings, and whether programs read along. */
export interface CommandContext {
  readonly flags: Flags
  readonly isJson: boolean
  /** All options as they were given, for those that only one command has. */
  readonly options: Readonly<Record<string, unknown>>
}

const gather = (value: string, all: string[] = []) => [...all, value]

/** Reads the command line and runs the command it names; answers the exit code. Commands are loaded when they are run. */
export async function runProgram(argv: readonly string[], version: string): Promise<number> {
  let exitCode: number = exitCodes.done
  const program = new Command('mediamill')
    .description('Imports, describes, thumbnails, judges and converts folders of photos and videos.')
    .version(version, '-V, --version', 'print the version')
    .option('--data <dir>', 'keep everything below this folder (MEDIAMILL_DATA)')
    .addOption(
      new Option('--root <dir>', 'allow files below this folder to be named by path; repeatable').argParser(gather),
    )
    .option('--workers <n>', 'work on this many files at once (default: the number of cores)')
    .option('--host <address>', 'serve: listen on this address (default: 127.0.0.1, this machine alone)')
    .option('--port <n>', 'serve: listen on this port (default: 7700)')
    .option('--log-level <level>', 'trace, debug, info, warn, error or silent')
    .option('--json', 'one JSON object a line on stdout, for programs')
    .helpCommand(false)
    .usage('[options] [command]')
    .showHelpAfterError('("mediamill --help" shows what there is)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .addHelpText(
      'after',
      `
Examples:
  mediamill                              start the server and its pages on http://127.0.0.1:7700
  mediamill import ~/Pictures            import a folder: metadata, thumbnails, fingerprints, analysis
  mediamill run thumbnail photo.heic --edge 640 --format avif
  mediamill run convert ~/Pictures --format webp --out ~/webp
  mediamill run duplicates --collection ~/Pictures
  mediamill doctor                       what this machine can do, and what is missing

Exit codes: 0 done, 1 done with failed files, 2 bad input, 3 could not run, 130 interrupted.`,
    )

  const command = (
    name: string,
    summary: string,
    run: (context: CommandContext, ...args: string[]) => Promise<number>,
  ) => {
    const made = program.command(name).description(summary)
    made.action(async (...args: unknown[]) => {
      const words = args
        .slice(0, -2)
        .flat()
        .filter((word): word is string => typeof word === 'string')
      exitCode = await run(contextOf(made.optsWithGlobals()), ...words)
    })
    return made
  }

  command('serve', 'start the server (what "mediamill" alone does)', async (context) =>
    (await import('./serve.ts')).serve(context),
  )
  command(
    'import',
    'import a folder: everything in it is described, thumbnailed and judged',
    async (context, folder = '') => (await import('./import.ts')).importFolder(context, folder),
  )
    .argument('<folder>')
    .option('--retry-failed', 'try again what failed or was quarantined before')
  const running = command('run', 'run one operation on files or folders', async (context, ...words) =>
    (await import('./run.ts')).run(context, words),
  )
    .argument('[operation]', 'its name; "mediamill run" alone lists them')
    .argument('[words...]', "files, folders, and the operation's parameters as --name value")
    .allowUnknownOption()
    .helpOption(false)
  running.addHelpText('after', '\n"mediamill run NAME --help" shows the parameters of an operation.')
  command('jobs', 'list jobs; or show, pause, resume, cancel one', async (context, action = 'list', id = '') =>
    (await import('./jobs.ts')).jobs(context, action, id),
  )
    .argument('[action]', 'list, show, pause, resume or cancel')
    .argument('[id]', 'the job')
  command(
    'assets',
    'list what was imported; show one asset; or say of look-alikes that they are distinct',
    async (context, action = 'list', ...names) => (await import('./assets.ts')).assets(context, action, names),
  )
    .argument('[action]', 'list, show, distinct (no duplicates of each other) or alike (takes that back)')
    .argument('[assets...]', 'ids, or the first six or more characters of them; distinct and alike take files too')
  command('doctor', 'what this machine can do, what is missing and what to do about it', async (context) =>
    (await import('./doctor.ts')).doctor(context),
  )
  command('config', 'the settings in force and where each comes from', async (context) =>
    (await import('./config.ts')).showConfig(context),
  )
  program.argument('[command]').action(async (word?: string) => {
    if (word !== undefined) throw unknownCommand(word, program)
    exitCode = await (await import('./serve.ts')).serve(contextOf(program.opts()))
  })

  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.badInput
    throw error
  }
  return exitCode
}

/** Commander would speak of too many arguments, because the program does something without a command too. */
function unknownCommand(word: string, program: Command): MediaError {
  const names = program.commands.map((command) => command.name())
  const near = names.find((name) => name.startsWith(word.slice(0, 3)))
  const hint = near ? `Did you mean "${near}"?` : `There are: ${names.join(', ')}.`
  return new MediaError('PARAMS_INVALID', [`There is no command "${word}". ${hint}`])
}

function contextOf(options: CommonOptions): CommandContext {
  const { data, root, workers, logLevel, json, host, port } = options
  // An unset shell variable; it would make the current folder the data folder.
  if (data === '') throw new MediaError('PARAMS_INVALID', ['--data needs the path of a folder.'])
  return {
    options: { ...options },
    flags: {
      data,
      roots: root,
      'workers.count': workers,
      logLevel,
      'server.host': host,
      'server.port': port,
    },
    isJson: json === true,
  }
}

/** The exit code that tells a script what kind of failure it was. */
export function exitCodeOf(error: MediaError): number {
  if (error.code === 'CANCELLED') return exitCodes.interrupted
  const isForLater = error.status === 409 || error.status === 429
  return error.status >= 500 || isForLater ? exitCodes.couldNotRun : exitCodes.badInput
}
