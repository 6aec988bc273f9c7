/** What a menu offers. */
import type { Component } from 'svelte';

export type MenuEntry =
  | { kind: 'rule' }
  | {
      kind: 'action';
      label: string;
      icon: Component;
      run: () => void;
      isDanger?: boolean;
      isDisabled?: boolean;
    };
