import type { Migration } from "../../base/store/index.ts";

/** Tables of this room. Times are milliseconds since the epoch. */
export const accessMigrations: readonly Migration[] = [
  {
    id: "access/0001-keys",
    up: `
create table access_principals (
  name text primary key,
  kind text not null check (kind in ('person', 'service')),
  groups text[] not null default '{}',
  created_ms bigint not null,
  revision bigint not null
);
create table access_keys (
  id text primary key,
  principal text not null references access_principals (name),
  role text not null,
  digest text not null,
  models text[],
  networks text[],
  created_ms bigint not null,
  lifetime_ms bigint,
  expires_ms bigint,
  last_used_ms bigint,
  revoked_ms bigint,
  revoked_reason text,
  replaced_by text references access_keys (id),
  revision bigint not null
);
create index access_keys_by_revision on access_keys (revision);
create index access_keys_by_principal on access_keys (principal);
create table access_state (
  singleton boolean primary key default true check (singleton),
  revision bigint not null
);
insert into access_state (revision) values (0);
`,
  },
];
