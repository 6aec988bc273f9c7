/** Where the operating system keeps secrets of a person: unlocked with their login, and out of every file of ours (A8). */

export interface Keyring {
  /** As a person knows it. */
  readonly name: string;
  /** Whether it answers, and would now without asking anybody. Never rejects; bounded by a deadline. */
  isOpen(): Promise<boolean>;
  /** `undefined` when it has no such secret. Rejects when it cannot be asked. */
  find(account: string): Promise<string | undefined>;
  /** Replaces the one of this account. Rejects when it was not kept. */
  keep(account: string, secret: string): Promise<void>;
}

/** How its programs are called. */
export interface KeyringSettings {
  kind: 'secret-service' | 'keychain';
  environment: Record<string, string>;
}
