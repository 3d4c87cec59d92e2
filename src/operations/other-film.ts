import { MediaError } from '../errors.ts'
import type { Film } from '../media/film.ts'
import type { Media } from '../media/media.ts'
import { saidOf } from '../media/said-of.ts'

/** Another film that an operation needs, opened within the same limits; what goes wrong is said of it, not of the asset. */
export const filmOfOther = (media: Media, path: string, role: string): Promise<Film> =>
  saidOf(role, async () => {
    const other = await media.other(path)
    if (other.identity.kind === 'picture')
      throw new MediaError('PARAMS_INVALID', [`A film is needed, but ${role} is a picture.`])
    return await other.film()
  })
