/** Tables of standing decisions and the enrolments of devices, and what approvals of calls are found by (A2, N12). */
export interface RuleTables {
  rules: {
    id: string;
    user_id: string;
    rule: string;
    signed: string;
    created_at: string;
    expires_at: string | null;
    removed_at: string | null;
  };
  enrolments: { device_id: string; signed: string; at: string };
}

/** Of the table of approvals; null for pairings. */
export interface ApprovalCallColumns {
  user_id: string | null;
  session_id: string | null;
  call_id: string | null;
  grant_scope: string | null;
  comment: string | null;
  signed: string | null;
}

export const ruleTables: readonly string[] = [
  `create table rules (id text primary key, user_id text not null, rule text not null, signed text not null,
     created_at text not null, expires_at text, removed_at text)`,
  `create index rules_in_force on rules (created_at) where removed_at is null`,
  `create table enrolments (device_id text primary key, signed text not null, at text not null)`,
  ...['user_id', 'session_id', 'call_id', 'grant_scope', 'comment', 'signed'].map(
    (column) => `alter table approvals add column ${column} text`,
  ),
  `create unique index approvals_of_calls on approvals (session_id, call_id) where call_id is not null`,
];
