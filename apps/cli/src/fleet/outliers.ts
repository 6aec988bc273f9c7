/** Which nodes answered differently from the others: equal answers are grouped, apart from what must differ. */
import { createHash } from 'node:crypto';
import { visibleLine } from './line-splitter.ts';

export interface Answer {
  name: string;
  hostname: string | undefined;
  /** Such as `exit code 3`. */
  end: string;
  output: string;
}

export interface AnswerGroup {
  names: string[];
  end: string;
  /** Normalised, cut; empty when too many groups came before. */
  sample: string;
}

const sampleLength = 16 * 1024;
/** Later groups keep no sample. */
const maxSamples = 100;

/** Keeps one sample per group, however many nodes answer. */
export class AnswerGroups {
  readonly #groups = new Map<string, AnswerGroup>();

  add(answer: Answer): void {
    const text = normalise(answer);
    const digest = createHash('sha256').update(`${answer.end}\n${text}`).digest('base64');
    const known = this.#groups.get(digest);
    if (known !== undefined) known.names.push(answer.name);
    else {
      const sample = this.#groups.size < maxSamples ? text.slice(0, sampleLength) : '';
      this.#groups.set(digest, { names: [answer.name], end: answer.end, sample });
    }
  }

  /** The largest first. */
  get all(): AnswerGroup[] {
    return [...this.#groups.values()].toSorted((a, b) => b.names.length - a.names.length);
  }
}

/** The group of more than half of the answers, if there is one. */
export const majorityOf = (groups: readonly AnswerGroup[]): AnswerGroup | undefined => {
  const total = groups.reduce((sum, { names }) => sum + names.length, 0);
  const [largest] = groups;
  return largest !== undefined && largest.names.length * 2 > total ? largest : undefined;
};

const time = /\b(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?/g;
const storedOutput = /navis:\/\/output\/[\w-]+/g;

/** Names of the node itself, times of day and blanks at line ends do not make an answer different. */
export const normalise = ({ name, hostname, output }: Pick<Answer, 'name' | 'hostname' | 'output'>): string => {
  const lines = output.split('\n').map((line) => visibleLine(line).trimEnd());
  let text = lines.join('\n').trimEnd().replace(time, '<time>').replace(storedOutput, '<stored output>');
  for (const own of [hostname, name]) if (own !== undefined && own.length > 1) text = replaceWord(text, own, '<node>');
  return text;
};

const replaceWord = (text: string, word: string, by: string): string =>
  text.replace(new RegExp(`(?<![\\w-])${RegExp.escape(word)}(?![\\w-])`, 'g'), by);
