/** The look of the page at `/docs`. */
export const pageStyle = `
:root { color-scheme: light dark; --ground: #fbfaf8; --card: #fff; --ink: #1d2125; --quiet: #636b74; --line: #e4e1db; --accent: #0b6e75; --code: #f4f2ee; }
@media (prefers-color-scheme: dark) { :root { --ground: #14171a; --card: #1b1f23; --ink: #e6e8ea; --quiet: #98a1aa; --line: #2c3238; --accent: #5cc3ca; --code: #0f1214; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1.5rem; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.6 system-ui, -apple-system, "Segoe UI", sans-serif; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
code, pre { font: 0.86rem/1.55 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.layout { display: grid; grid-template-columns: 15rem minmax(0, 46rem); gap: 3.5rem; max-width: 70rem; margin: 0 auto; padding: 3rem 1.5rem 6rem; }
nav { position: sticky; top: 3rem; align-self: start; max-height: calc(100vh - 6rem); overflow: auto; font-size: 0.92rem; }
nav ol { list-style: none; margin: 0 0 1.4rem; padding: 0; }
nav li a { display: block; padding: 0.14rem 0; color: var(--quiet); }
nav strong { display: block; margin-bottom: 0.2rem; font-weight: 600; }
h1 { margin: 0 0 0.3rem; font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.02em; font-weight: 650; }
h2 { margin: 3.5rem 0 1rem; font-size: 1.25rem; letter-spacing: -0.01em; font-weight: 620; }
.lead { margin: 0 0 2rem; color: var(--quiet); }
details { margin: 0 0 0.6rem; border: 1px solid var(--line); border-radius: 10px; background: var(--card); }
summary { display: grid; grid-template-columns: 4.4rem minmax(0, 1fr) auto; gap: 0.2rem 0.9rem; align-items: baseline; padding: 0.75rem 1rem; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary p { grid-column: 2 / -1; margin: 0; color: var(--quiet); font-size: 0.92rem; }
summary code { font-weight: 550; overflow-wrap: anywhere; }
.method { font: 600 0.74rem/1 ui-monospace, Menlo, Consolas, monospace; letter-spacing: 0.06em; color: var(--accent); }
.access { font-size: 0.78rem; color: var(--quiet); }
.inside { padding: 0 1rem 1rem; border-top: 1px solid var(--line); }
.inside h3, .plain h3 { margin: 1rem 0 0.4rem; font-size: 0.82rem; font-weight: 600; color: var(--quiet); }
pre { margin: 0; padding: 0.8rem 1rem; overflow-x: auto; border-radius: 8px; background: var(--code); }
table { width: 100%; border-collapse: collapse; font-size: 0.92rem; }
td, th { padding: 0.45rem 0.9rem 0.45rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 600; color: var(--quiet); font-size: 0.82rem; }
td:first-child { white-space: nowrap; }
@media (max-width: 52rem) { .layout { grid-template-columns: minmax(0, 1fr); gap: 1.5rem; padding-top: 1.5rem; } nav { position: static; max-height: none; } nav ol { display: flex; flex-wrap: wrap; gap: 0 1rem; } td:first-child { white-space: normal; } }
`;
