import { MediaError } from '../errors.ts'

/** What the file system's error codes mean to a person; the folder itself is named by the error's sentence. */
const reasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'a file would become larger than this system allows',
  EROFS: 'the file system is read-only',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EEXIST: 'a file is where a folder should be',
  EISDIR: 'a folder is where a file should be',
  ENOENT: 'it disappeared while it was used',
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open on this machine',
  ENAMETOOLONG: 'its path is too long',
}

/** The sentence for a file system error, without paths; undefined for any other error. */
export function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  if (!('syscall' in error)) return undefined
  return reasons[error.code] ?? `the file system reports ${error.code}`
}

/** Translates a failure below the data folder to DATA_UNUSABLE; what is no file system error is given back as it is. */
export function folderFailure(folder: string, error: unknown): unknown {
  const reason = reasonOf(error)
  return reason === undefined ? error : new MediaError('DATA_UNUSABLE', [folder, reason], { cause: error })
}
