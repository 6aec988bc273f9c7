/** Shown instead of the PWA when it was not built. */
export const missingWebPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Navis</title>
<style>
  :root { color-scheme: light dark; font: 16px/1.6 system-ui, sans-serif; }
  body { display: grid; place-items: center; min-height: 90vh; margin: 0; padding: 2rem; }
  main { max-width: 34rem; }
  h1 { font-size: 1.3rem; font-weight: 600; }
  code { font: 0.95em ui-monospace, monospace; padding: 0.15em 0.4em; border-radius: 0.3em; background: color-mix(in srgb, currentColor 10%, transparent); }
</style>
<main>
  <h1>The hub runs, but its web app was not built.</h1>
  <p>Build it once with <code>npm start</code> in the folder of Navis, then reload this page.</p>
  <p>The API is described at <a href="/docs">/docs</a>; the command <code>navisai</code> works without the web app.</p>
</main>
</html>
`;
