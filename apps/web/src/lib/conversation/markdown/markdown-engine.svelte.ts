/** Markdown to safe markup. Parser, cleaner and colours are loaded when a conversation is shown. */
import { createContext } from 'svelte';
import type { DOMPurify } from 'dompurify';
import type { Marked, Token } from 'marked';
import { sanitise } from './sanitise.ts';

interface Parts {
  marked: Marked;
  purify: DOMPurify;
}
type Highlight = (code: string, language: string) => string | undefined;

/** Blocks whose markup is remembered, so that scrolling back to them costs nothing. */
const maxRemembered = 400;
/** Longer code is shown without colours: they would cost more than they tell. */
const maxColouredLength = 60_000;

export class MarkdownEngine {
  #parts: Parts | undefined = $state.raw();
  #highlight: Highlight | undefined = $state.raw();
  #isColouring = false;
  readonly #remembered = new Map<string, string>();

  /** Begins to load; resolves when Markdown can be shown. */
  async load(): Promise<void> {
    const [{ Marked }, { default: purify }] = await Promise.all([import('marked'), import('dompurify')]);
    const marked = new Marked({ gfm: true, breaks: false, async: false });
    marked.use({ renderer: rendererOf((code, language) => this.#colour(code, language)) });
    this.#parts = { marked, purify };
  }

  get isReady(): boolean {
    return this.#parts !== undefined;
  }

  lex(text: string): Token[] {
    return this.#parts?.marked.lexer(text) ?? [];
  }

  /** Empty before it is loaded. */
  render(markdown: string): string {
    if (this.#parts === undefined) return '';
    // Read in any case: with colours everything is drawn anew.
    const isColoured = this.#highlight !== undefined;
    const known = this.#remembered.get(markdown);
    if (known !== undefined) return known;
    const html = sanitise(this.#parts.purify, this.#parts.marked.parse(markdown) as string);
    if (isColoured || !html.includes('class="code-block"')) this.#remember(markdown, html);
    return html;
  }

  #remember(markdown: string, html: string): void {
    const oldest = this.#remembered.size >= maxRemembered ? this.#remembered.keys().next().value : undefined;
    if (oldest !== undefined) this.#remembered.delete(oldest);
    this.#remembered.set(markdown, html);
  }

  /** Markup of code with colours, or `undefined` where there are none (yet). */
  #colour(code: string, language: string): string | undefined {
    if (language === '' || code.length > maxColouredLength) return undefined;
    if (this.#highlight === undefined) this.#loadColours();
    return this.#highlight?.(code, language);
  }

  #loadColours(): void {
    if (this.#isColouring) return;
    this.#isColouring = true;
    // Without them code is black on white, and still code.
    import('./highlight.ts').then(({ highlight }) => (this.#highlight = highlight)).catch(() => {});
  }
}

const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

type Renderer = NonNullable<Parameters<Marked['use']>[0]['renderer']>;

const rendererOf = (colour: (code: string, language: string) => string | undefined): Renderer => ({
  // Markup of the agent is shown as what it wrote.
  html: ({ text }) => escapeHtml(text),
  // No picture is fetched: that would tell its host who reads, and when.
  image: ({ href, text }) => `<a href="${escapeHtml(href)}">${escapeHtml(text || href)}</a>`,
  checkbox: ({ checked }) => `<span class="task">${checked ? '☑' : '☐'}</span> `,
  heading({ tokens, depth }) {
    const level = Math.min(6, depth + 1);
    return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
  },
  code: ({ text, lang }) => {
    const language = /^[\w#+.-]+/.exec(lang ?? '')?.[0]?.toLowerCase() ?? '';
    const markup = colour(text, language) ?? escapeHtml(text);
    const head = `<div class="code-head"><span>${escapeHtml(language || 'text')}</span><button type="button" class="code-copy" data-copy="">Copy</button></div>`;
    return `<div class="code-block">${head}<pre tabindex="0"><code>${markup}</code></pre></div>`;
  },
});

export const [useMarkdown, provideMarkdown] = createContext<MarkdownEngine>();
