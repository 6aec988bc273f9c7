/** What a call would do, in the parts that every tool's description has. */
import type { Risk } from '@navisai/protocol';
import type { CommandRisk } from './command-risk.ts';
import type { Place } from './places.ts';
import type { RiskFinding } from './risk.ts';

export interface DescribedCall {
  /** `terminal.run`, or the tool where it has no actions. */
  name: string;
  /** In a line. */
  summary: string;
  /** Whole: what a shell, an interpreter or a file gets. */
  text: string;
  risk: Risk;
  findings: RiskFinding[];
  /** Of calls that give a text to a shell. */
  command: CommandRisk['analysis'] | null;
  workingDirectory: string | null;
  /** Named by its arguments, outside of command lines. */
  paths: string[];
  isUnmasked: boolean;
}

export const nothing = { command: null, workingDirectory: null, paths: [], isUnmasked: false, findings: [] };

export const placeOf = (place: Place, workingDirectory: string | undefined): Place =>
  workingDirectory === undefined
    ? { ...place, directory: place.directory ?? place.home }
    : { ...place, directory: workingDirectory };

/** What else has an effect: the text shown is all that is done. */
export const inBrackets = (...notes: (string | false)[]): string => {
  const told = notes.filter((note) => note !== false);
  return told.length === 0 ? '' : ` (${told.join(', ')})`;
};

const maxLine = 300;
/** In one line. */
export const line = (text: string): string => {
  const flat = text.replaceAll(/\s+/g, ' ').trim();
  return flat.length > maxLine ? `${flat.slice(0, maxLine)}…` : flat;
};
