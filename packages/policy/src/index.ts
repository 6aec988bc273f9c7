/** What may run: reading a command line, the rules, and the one function that decides. */
export { parseAllowedCommands } from './allowed-commands.ts';
export type { AllowedCommands } from './allowed-commands.ts';
export { analyseCommand } from './analyse-command.ts';
export type { CommandAnalysis } from './analyse-command.ts';
export { decide } from './decide.ts';
export type { PolicyCall, PolicyDecision, PolicyRules, PolicyStep, Principal } from './decide.ts';
