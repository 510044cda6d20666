// Waiting for many things at once and taking them one by one.

/** What `read` makes of each item, in the order of the items, with at most `most` under way; the first failure ends it when its turn comes. */
export async function* readAhead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  read: (item: T) => Promise<R>,
  most: number,
): AsyncGenerator<R, void, undefined> {
  const underWay: Promise<R>[] = [];
  for await (const item of items) {
    const reading = read(item);
    // Its failure is met when its turn comes, or never, if one before it failed.
    reading.catch(() => undefined);
    underWay.push(reading);
    if (underWay.length === most) yield await underWay.shift()!;
  }
  while (underWay.length > 0) yield await underWay.shift()!;
}
