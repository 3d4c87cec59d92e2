import { rounded } from './numbers.ts'

/** Which share of the bytes is saved, 0–1; negative when the new file is larger. */
export const savedShareOf = (bytes: number, originalBytes: number): number => rounded(1 - bytes / originalBytes, 4)
