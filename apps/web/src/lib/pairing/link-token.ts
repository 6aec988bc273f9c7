/** Takes the one-time token out of the address, so that it stays in no history and no screenshot (I13). */

const tokenPattern = /^#([A-Za-z0-9_-]{22})$/;

/** The token of `/pair#<token>`; the address bar and the history lose it at once. */
export const takeLinkToken = (browser: Pick<Window, 'location' | 'history'>): string | undefined => {
  const { hash, pathname } = browser.location;
  if (hash !== '') browser.history.replaceState(browser.history.state, '', pathname);
  return tokenPattern.exec(hash)?.[1];
};
