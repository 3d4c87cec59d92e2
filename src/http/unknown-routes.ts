import type { FastifyRequest, RouteOptions } from 'fastify'
import { MediaError } from '../errors.ts'

/** Knows all routes by their patterns, to tell a wrong method from a wrong address. */
export class RouteBook {
  readonly #routes: { readonly pattern: RegExp; readonly methods: readonly string[] }[] = []

  /** Notes a route. */
  add({ url, method }: Pick<RouteOptions, 'url' | 'method'>): void {
    const source = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+?')
    this.#routes.push({ pattern: new RegExp(`^${source}$`), methods: [method].flat() })
  }

  /** The methods that an address takes; empty when there is no such address. */
  methodsOf(path: string): string[] {
    const matching = this.#routes.filter(({ pattern }) => pattern.test(path))
    return [...new Set(matching.flatMap(({ methods }) => methods))].sort()
  }
}

/** What to say when no route takes a request. */
export function missing({ method, url }: FastifyRequest, book: RouteBook): MediaError {
  const path = url.split('?')[0] ?? ''
  const methods = book.methodsOf(path)
  if (methods.length === 0) return new MediaError('ROUTE_UNKNOWN', [`${method} ${path.slice(0, 200)}`])
  return new MediaError('METHOD_UNKNOWN', [method, path.slice(0, 200), methods.join(', ')])
}
