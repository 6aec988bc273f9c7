/** Lines as the person means them: what is pasted, and what ends in a backslash, goes on with the next line. */

/** Of what was typed or pasted before its end; further lines begin anew. */
const maxLines = 10_000;

export class TypedLines {
  readonly #onText: (text: string) => void;
  #lines: string[] = [];
  #isPasting = false;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  /** The name of every key that was pressed; terminals tell where something pasted begins and ends. */
  key(name: string | undefined): void {
    if (name === 'paste-start') this.#isPasting = true;
    if (name === 'paste-end') this.#isPasting = false;
  }

  line(line: string): void {
    const goesOn = this.#isPasting || line.endsWith('\\');
    this.#lines.push(goesOn && !this.#isPasting ? line.slice(0, -1) : line);
    if (goesOn && this.#lines.length < maxLines) return;
    const text = this.#lines.join('\n');
    this.#lines = [];
    this.#onText(text);
  }
}
