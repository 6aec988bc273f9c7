/** The setting `TERMINAL_ALLOWED_COMMANDS` (T27). */

export type AllowedCommands =
  | { kind: 'any' }
  /** An entry with a slash allows exactly that spelling; one without allows the bare name, found by PATH. */
  | { kind: 'listed'; programs: ReadonlySet<string> };

/** Unset or `*` allows any program, a comma list these, an empty text nothing. */
export const parseAllowedCommands = (setting: string | undefined): AllowedCommands => {
  if (setting === undefined || setting.trim() === '*') return { kind: 'any' };
  const programs = setting.split(',').map((entry) => entry.trim());
  return { kind: 'listed', programs: new Set(programs.filter((entry) => entry !== '')) };
};
