/** The ports of standing decisions and of the enrolments of devices (A2, N12). */
import type { Rule, SignedText } from '@navisai/protocol';

/** A rule with the statement that its device signed. */
export interface SignedRule {
  rule: Rule;
  signed: SignedText;
}

export interface RuleReader {
  get(id: string): Promise<SignedRule | undefined>;
  /** Neither removed nor expired at `now`, newest first. */
  inForce(now: string): Promise<SignedRule[]>;
}

export interface RuleWriter extends RuleReader {
  /** Does nothing and answers false when there is one of this id, also a removed one. */
  add(rule: SignedRule): Promise<boolean>;
  /** Answers false when there is none in force. */
  remove(id: string, at: string): Promise<boolean>;
}

export interface EnrolmentReader {
  get(deviceId: string): Promise<SignedText | undefined>;
  /** Of every device that has one, by its id. */
  list(): Promise<{ deviceId: string; signed: SignedText }[]>;
}

export interface EnrolmentWriter extends EnrolmentReader {
  /** Takes the place of the one before. */
  put(enrolment: { deviceId: string; signed: SignedText; at: string }): Promise<void>;
}
