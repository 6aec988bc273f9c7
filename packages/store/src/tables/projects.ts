/** Tables of projects that were found on nodes (I18). */
export interface ProjectTables {
  projects: {
    id: string;
    node_id: string;
    path: string;
    /** What its node last told of it, as JSON. */
    facts: string;
    found_at: string;
    checked_at: string;
  };
}

export const projectTables: readonly string[] = [
  `create table projects (id text primary key, node_id text not null, path text not null, facts text not null,
     found_at text not null, checked_at text not null, unique (node_id, path))`,
];
