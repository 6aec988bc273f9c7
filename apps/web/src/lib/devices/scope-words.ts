/** What the scopes of devices mean, in words (U1). */
import type { Scope } from '@navisai/protocol';

export const scopeOptions: readonly { value: Scope; label: string; detail: string }[] = [
  { value: 'viewer', label: 'Viewer', detail: 'sees terminals, types nothing' },
  { value: 'operator', label: 'Operator', detail: 'also opens, drives and closes terminals' },
  { value: 'admin', label: 'Admin', detail: 'also pairs and revokes devices' },
];

export const scopeLabel = (scope: Scope): string => scopeOptions.find(({ value }) => value === scope)?.label ?? scope;
