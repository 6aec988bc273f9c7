/** What may run: reading a command line, the rules, and the one function that decides. */
export { parseAllowedCommands } from './allowed-commands.ts';
export type { AllowedCommands } from './allowed-commands.ts';
export { analyseCommand } from './analyse-command.ts';
export type { CommandAnalysis } from './analyse-command.ts';
export { confinementOf, isRestricting, isWithin } from './confinement.ts';
export type { Confinement, ConfinementRequest } from './confinement.ts';
export { decide } from './decide.ts';
export type { PolicyCall, PolicyRules, Principal } from './decide.ts';
export { contains, directoriesOf, normalPath } from './directories.ts';
export type { Directory } from './directories.ts';
export { momentOf } from './hours.ts';
export type { Moment } from './hours.ts';
export type { PolicyLayer } from './layers.ts';
