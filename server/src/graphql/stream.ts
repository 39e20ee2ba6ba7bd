/**
 * The messages of a generator that stops when its signal is aborted, as a subscription: ending the subscription aborts the signal, so that
 * a generator which waits for something wakes up.
 */
export function streamOf<T>(open: (signal: AbortSignal) => AsyncGenerator<T>): AsyncGenerator<T> {
  const ending = new AbortController();
  const source = open(ending.signal);
  return {
    next: () => source.next(),
    return: (value) => {
      ending.abort();
      return source.return(value);
    },
    throw: (error) => {
      ending.abort();
      return source.throw(error);
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
