/** Short messages at the edge of the page that leave by themselves. */

export interface Notice {
  id: number;
  tone: 'calm' | 'good' | 'bad';
  text: string;
  action?: { label: string; run: () => void };
}

const shownMs = 6_000;
const maxNotices = 3;

export class Notices {
  #list: readonly Notice[] = $state.raw([]);
  #nextId = 1;

  get list(): readonly Notice[] {
    return this.#list;
  }

  /** The same text twice in a row is shown once. */
  show(notice: Omit<Notice, 'id'>): void {
    const id = this.#nextId++;
    const others = this.#list.filter(({ text }) => text !== notice.text);
    this.#list = [...others, { ...notice, id }].slice(-maxNotices);
    setTimeout(() => this.dismiss(id), shownMs);
  }

  /** Shows what went wrong in the words of the error. */
  showError(error: unknown): void {
    this.show({ tone: 'bad', text: error instanceof Error ? error.message : 'Something went wrong.' });
  }

  dismiss(id: number): void {
    this.#list = this.#list.filter((notice) => notice.id !== id);
  }
}
