// Work on many items with a few under way at once.

/**
 * Runs `work` for each item, at most `lanes` at once. After a failure no further item starts, and `onFailure` may stop those under
 * way. Settles when all that started has ended, so nothing runs on behind the caller. @throws the first failure
 */
export async function inLanes<T>(
  items: Iterable<T>,
  lanes: number,
  work: (item: T) => Promise<void>,
  onFailure?: () => void,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  const failures: unknown[] = [];
  const lane = async () => {
    for (let next = rest.next(); !next.done && failures.length === 0; next = rest.next()) {
      try {
        await work(next.value);
      } catch (error) {
        failures.push(error);
        onFailure?.();
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  if (failures.length > 0) throw failures[0];
}
