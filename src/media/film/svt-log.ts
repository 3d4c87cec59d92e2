import { env } from 'node:process'

// SVT-AV1 introduces itself on stderr past FFmpeg's log, unless its own variable says that only fatal errors matter.
env.SVT_LOG ??= '0'
