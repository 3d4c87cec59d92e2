/** Within a second, with time left for whoever waits to be told. */
const patienceMs = 900

/** What work comes to; once a signal has fired its reason instead, as soon as the work has ended or patience has. */
export async function orGivenUp<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise: givenUp, reject } = Promise.withResolvers<never>()
  let patience: NodeJS.Timeout | undefined
  const onAbort = () => {
    patience = setTimeout(() => reject(signal.reason), patienceMs)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([work, givenUp])
  } catch (error) {
    // What fails because it was given up is not what is to be told.
    signal.throwIfAborted()
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
    clearTimeout(patience)
  }
}
