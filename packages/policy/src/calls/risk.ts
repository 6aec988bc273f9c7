/** How grave what a call may do is, and the parts of a text that make it so (A1). */
import { riskSchema } from '@navisai/protocol';
import type { Risk } from '@navisai/protocol';

/** A part of a call with what it may do. */
export interface RiskFinding {
  risk: Risk;
  text: string;
  reason: string;
}

export const riskRank = (risk: Risk): number => riskSchema.options.indexOf(risk);

export const isGraver = (risk: Risk, than: Risk): boolean => riskRank(risk) > riskRank(than);

export const gravest = (findings: readonly { risk: Risk }[]): Risk =>
  findings.reduce<Risk>((gravestSoFar, { risk }) => (isGraver(risk, gravestSoFar) ? risk : gravestSoFar), 'reading');
