/** The whole application runs in the browser: there is no server rendering. */
export const ssr = false;
export const prerender = false;
