/** What Navis itself says while attached: in the window's title, and over the last line only while nothing else can be shown. */
import type { LinkState } from '@navisai/client';
import { printable } from '../output/printable.ts';
import { fitText } from '../output/text-width.ts';
import type { LocalTerminal, TerminalSize } from './local-terminal.ts';

/** Until then the title tells it, which costs nothing of the screen. */
const bannerAfterMs = 4_000;

export class StatusLine {
  readonly #local: LocalTerminal;
  readonly #name: string;
  #bannerTimer: NodeJS.Timeout | undefined;
  #hasBanner = false;

  constructor(local: LocalTerminal, name: string) {
    this.#local = local;
    this.#name = name;
  }

  showName(): void {
    this.#local.showTitle(`${this.#name} · navis`);
  }

  showRemark(remark: string): void {
    this.#local.bell();
    this.#local.showTitle(`${this.#name} · navis · ${remark}`);
  }

  showWatching(controllerName: string, hint: string): void {
    this.showRemark(`watching; ${printable(controllerName, 40)} has control (${hint} takes it)`);
  }

  /** In place of a screen that this window cannot hold. */
  showTooSmall(size: TerminalSize, hint: string): void {
    const { columns, rows } = this.#local.size;
    this.#local.write(
      [
        `${this.#name} is ${size.columns}×${size.rows}, this window ${columns}×${rows}.`,
        `Enlarge the window to watch it, or take control: ${hint}`,
      ]
        .map((line) => fitText(line, columns))
        .join('\r\n'),
    );
  }

  /** Follows the connection. True when it is back and a banner stands on the screen, which must be painted anew. */
  onLink(link: LinkState): boolean {
    if (link.kind === 'connected') {
      if (this.#bannerTimer !== undefined) this.showName();
      clearTimeout(this.#bannerTimer);
      this.#bannerTimer = undefined;
      if (!this.#hasBanner) return false;
      this.#hasBanner = false;
      this.#local.write(`\x1b7\x1b[${this.#local.size.rows};1H\x1b[0m\x1b[2K\x1b8`);
      return true;
    }
    if (link.kind === 'reconnecting' && this.#bannerTimer === undefined) {
      const since = new Date(link.since).toTimeString().slice(0, 8);
      this.#local.showTitle(`${this.#name} · navis · reconnecting since ${since}`);
      this.#bannerTimer = setTimeout(() => this.#showBanner(`reconnecting to the hub since ${since} …`), bannerAfterMs);
    }
    return false;
  }

  #showBanner(text: string): void {
    const { columns, rows } = this.#local.size;
    this.#hasBanner = true;
    const line = fitText(` navis: ${text} `, columns);
    this.#local.write(`\x1b7\x1b[${rows};1H\x1b[0;7m${line}\x1b[0m\x1b8`);
  }

  close(): void {
    clearTimeout(this.#bannerTimer);
  }
}
