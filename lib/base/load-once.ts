/**
 * Puts a load off until it is asked for, and does it once; one that failed is tried again.
 *
 * @returns a function that gives the same promise to everybody
 */
export function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () =>
    (loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
}
