/** Tables of model providers (A4). */
export interface ModelTables {
  model_providers: {
    id: string;
    kind: string;
    base_url: string | null;
    /** Encrypted; what opens it is not in the store. */
    sealed_key: string | null;
    models: string;
    created_at: string;
  };
  model_defaults: { position: number; reference: string };
}

export const modelTables: readonly string[] = [
  `create table model_providers (id text primary key, kind text not null, base_url text, sealed_key text,
     models text not null, created_at text not null)`,
  `create table model_defaults (position integer primary key, reference text not null)`,
];
