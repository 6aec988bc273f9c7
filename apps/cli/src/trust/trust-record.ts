/** What `trust` did for this home (`trust.json`), so that `trust --remove` undoes exactly that, also after the CA was renewed. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface RecordContent {
  /** CAs of this home that were put into stores, as PEM by fingerprint. */
  authorities: Record<string, string>;
  /** NSS databases that were made because there was none. */
  made: string[];
}

export class TrustRecord {
  readonly #path: string;
  readonly #content: RecordContent;

  constructor(home: string) {
    this.#path = join(home, 'trust.json');
    this.#content = read(this.#path);
  }

  /** PEM texts of every CA that was ever trusted for this home. */
  get authorities(): string[] {
    return Object.values(this.#content.authorities);
  }

  noteAuthority(fingerprint: string, pem: string): void {
    this.#content.authorities[fingerprint] = pem;
    this.#save();
  }

  forgetAuthority(fingerprint: string): void {
    delete this.#content.authorities[fingerprint];
    this.#save();
  }

  hasMade(folder: string): boolean {
    return this.#content.made.includes(folder);
  }

  noteMade(folder: string): void {
    this.#content.made.push(folder);
    this.#save();
  }

  forgetMade(folder: string): void {
    this.#content.made = this.#content.made.filter((one) => one !== folder);
    this.#save();
  }

  #save(): void {
    const { authorities, made } = this.#content;
    if (Object.keys(authorities).length === 0 && made.length === 0) return rmSync(this.#path, { force: true });
    const temporary = `${this.#path}.${process.pid}.new`;
    writeFileSync(temporary, `${JSON.stringify(this.#content, null, 2)}\n`, { mode: 0o600 });
    renameSync(temporary, this.#path);
  }
}

const read = (path: string): RecordContent => {
  try {
    const content = JSON.parse(readFileSync(path, 'utf8')) as Partial<RecordContent>;
    const authorities = Object.entries(content.authorities ?? {}).filter(([, pem]) => typeof pem === 'string');
    return { authorities: Object.fromEntries(authorities), made: Array.isArray(content.made) ? content.made : [] };
  } catch {
    return { authorities: {}, made: [] };
  }
};
