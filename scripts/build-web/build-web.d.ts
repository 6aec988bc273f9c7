import { type ProgramEnd } from '../check/run-program.ts';
export declare function buildWeb(root: string): Promise<ProgramEnd>;
