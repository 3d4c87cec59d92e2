import { AV_LOG_QUIET } from 'node-av/constants'
import { Log } from 'node-av/lib'

// FFmpeg writes to stderr by itself, with paths in it, and that belongs to people. What matters comes back as a return value.
Log.setLevel(AV_LOG_QUIET)
