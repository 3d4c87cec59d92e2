import { html } from '../operations/html.ts'

/** A text that can stand in HTML, in an element or in a quoted attribute. */
export const escapeHtml = (text: string): string => html`${text}`.markup
