/** Asking the hub again, so that an older answer is never shown after a newer one. */

/** Runs one at a time; asked for meanwhile, it runs once more before anybody who asked goes on. */
export const oneAtATime = (load: () => Promise<void>): (() => Promise<void>) => {
  let loading: Promise<void> | undefined;
  let isStale = false;
  const loadUntilFresh = async (): Promise<void> => {
    try {
      while (isStale) {
        isStale = false;
        await load();
      }
    } finally {
      loading = undefined;
    }
  };
  return () => {
    isStale = true;
    loading ??= loadUntilFresh();
    return loading;
  };
};
