/** Where Windows-1252 differs from Latin-1; Node's own decoder gives control characters there. */
const windows = new Map(
  [...'€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'].map((letter, index) => [
    String.fromCharCode(0x80 + index),
    letter,
  ]),
)

const strictUtf8 = new TextDecoder('utf-8', { fatal: true })

/** Bytes as text: UTF-8 when they are valid UTF-8, else Windows-1252, which old software wrote. Undefined when blank. */
export function textOf(bytes: Uint8Array): string | undefined {
  let text: string
  try {
    text = strictUtf8.decode(bytes)
  } catch {
    text = Buffer.from(bytes).toString('latin1')
  }
  return cleanText(text)
}

/** Text without NULs, control characters and outer blanks, or undefined when nothing is left. */
export function cleanText(text: string): string | undefined {
  const clean = text
    .replace(/[\u0080-\u009f]/g, (letter) => windows.get(letter) ?? letter)
    // A NUL ends a text in C; what stands behind it is rubbish of the buffer.
    .replace(/\0[\s\S]*$/, '')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed; tab, line feed and return stay
    .replace(/[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
    .trim()
  return clean === '' ? undefined : clean
}

/** What cameras and phones write into the description of every picture they take. */
const fillers = [
  /^(olympus|minolta|konica minolta|sony|samsung|kodak|casio|ricoh|pentax|vivitar|polaroid)?\s*(digital )?(still )?camera( pictures)?$/i,
  /^(sony dsc|lg electronics|lge|samsung|maker:.*|exif_jpeg_picture|jpeg_picture|digital image|image|untitled|default|unknown|none|null|n\/a)$/i,
  /^DCIM[\\/]/i,
  // Modes of Huawei's camera app.
  /^(cof|mde|sdr|dav|ptr|hdr?pl|hdr|btf|dig|rbsh|rhdr|edf|oznor|oznorwor|nor|vivo|jpeg|hrmny|fbt|mpl|mpt|bty|ozna?)$/i,
  /^[\W_]+$/,
]

/** Whether a description says nothing of the picture: blank, a maker's filler, or only the camera's own name. */
export function isFiller(text: string, camera: { make?: string | undefined; model?: string | undefined }): boolean {
  if (/[^\p{ASCII}]/u.test(text)) return false
  return (
    fillers.some((filler) => filler.test(text)) ||
    text === camera.make ||
    text === camera.model ||
    (camera.make !== undefined && text.toLowerCase() === `${camera.make} digital camera`.toLowerCase())
  )
}
