/** Loads xterm.js when the first terminal is shown, and sets one up on the page. */
import type { SearchAddon } from '@xterm/addon-search';
import type { WebglAddon } from '@xterm/addon-webgl';
import type { ITerminalInitOnlyOptions, ITerminalOptions, Terminal } from '@xterm/xterm';
import { terminalColours } from './terminal-colours.ts';
import type { Box } from './fit.ts';

export interface MountedTerminal extends Disposable {
  readonly terminal: Terminal;
  readonly search: SearchAddon;
  /** One character's place on the page; of no size while the element is hidden. */
  cell(): Box;
}

export interface MountOptions {
  fontSize: number;
  isDark: boolean;
  scrollback: number;
  isScreenReaderOn: boolean;
  /** Name for screen readers. */
  label: string;
  /** A program's hidden link (OSC 8): its text may lie about where it leads. */
  onHiddenLink: (url: string) => void;
}

const fontFamily = "'JetBrains Mono Variable', ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const fontDeadlineMs = 2_000;

/** Begins to load what `mountTerminal` needs. */
export const preloadTerminal = (): void => {
  // What fails here fails again, and is told, when it is needed.
  loadParts().catch(() => {});
};

const loadParts = () =>
  Promise.all([
    import('@xterm/xterm'),
    import('@xterm/addon-search'),
    import('@xterm/addon-web-links'),
    import('@xterm/xterm/css/xterm.css'),
  ]);

export const mountTerminal = async (element: HTMLElement, options: MountOptions): Promise<MountedTerminal> => {
  const [[{ Terminal }, { SearchAddon }, { WebLinksAddon }], webgl] = await Promise.all([
    loadParts(),
    loadWebgl(),
    loadFont(options.fontSize),
  ]);
  const terminal = new Terminal(toTerminalOptions(options));
  const search = new SearchAddon();
  terminal.loadAddon(search);
  terminal.loadAddon(new WebLinksAddon((event, url) => openLink(event, url)));
  terminal.open(element);
  terminal.textarea?.setAttribute('aria-label', options.label);
  if (webgl !== undefined) drawWithWebgl(terminal, new webgl.WebglAddon());
  return {
    terminal,
    search,
    cell: () => {
      const screen = element.querySelector('.xterm-screen')?.getBoundingClientRect();
      return { width: (screen?.width ?? 0) / terminal.cols, height: (screen?.height ?? 0) / terminal.rows };
    },
    [Symbol.dispose]: () => terminal.dispose(),
  };
};

const toTerminalOptions = (options: MountOptions): ITerminalOptions & ITerminalInitOnlyOptions => ({
  allowProposedApi: true,
  cols: 120,
  rows: 40,
  cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
  customGlyphs: true,
  drawBoldTextInBrightColors: false,
  fontFamily,
  fontSize: options.fontSize,
  fontWeight: 400,
  fontWeightBold: 700,
  lineHeight: 1.2,
  minimumContrastRatio: 4.5,
  overviewRuler: { width: 10 },
  scrollback: options.scrollback,
  screenReaderMode: options.isScreenReaderOn,
  theme: terminalColours(options.isDark),
  linkHandler: { activate: (_event, url) => options.onHiddenLink(url) },
});

/** Characters are measured once: the font has to be there before. */
const loadFont = async (size: number): Promise<void> => {
  const faces = [400, 700].map((weight) => document.fonts.load(`${weight} ${size}px 'JetBrains Mono Variable'`));
  const deadline = new Promise((resolve) => setTimeout(resolve, fontDeadlineMs));
  await Promise.race([Promise.all(faces).catch(() => {}), deadline]);
};

/** Fast drawing where the machine can; else the page's own text. */
const loadWebgl = async () => (hasFastWebgl() ? import('@xterm/addon-webgl').catch(() => undefined) : undefined);

const drawWithWebgl = (terminal: Terminal, webgl: WebglAddon): void => {
  webgl.onContextLoss(() => webgl.dispose());
  try {
    terminal.loadAddon(webgl);
  } catch {
    // No WebGL here: xterm.js goes on drawing with elements.
  }
};

/** WebGL without a graphics processor is slower than the page's own text. */
const hasFastWebgl = (): boolean => {
  const context = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (context === null) return false;
  const facts = context.getExtension('WEBGL_debug_renderer_info');
  const renderer: unknown = context.getParameter(facts?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER);
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return !/swiftshader|llvmpipe|softpipe|software|basic render/i.test(String(renderer));
};

/** Links in plain sight lead where they say; the new page learns nothing of this one. */
export const openLink = (event: Pick<Event, 'preventDefault'>, url: string): void => {
  event.preventDefault();
  if (/^https?:\/\//i.test(url)) window.open(url, '_blank', 'noopener,noreferrer');
};
