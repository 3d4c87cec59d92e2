import { z } from 'zod'

/** The server's settings, as they stand in configuration file, environment and flags. */
export const serverSettings = z.object({
  host: z
    .string()
    .min(1)
    .default('127.0.0.1')
    .describe('Address the server listens on; the default is this machine alone.'),
  port: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .default(7700)
    .describe('Port the server listens on; 0 takes a free one.'),
  uploadBytes: z.coerce
    .number()
    .int()
    .min(1)
    .default(4 * 1024 ** 3)
    .describe('Largest file that may be uploaded to an operation.'),
  pictureBytes: z.coerce
    .number()
    .int()
    .min(0)
    .default(32 * 1024 ** 2)
    .describe('Memory for the thumbnails that were asked for last.'),
})

/** Effective settings of the server. */
export type ServerSettings = z.output<typeof serverSettings>
