/** Tables of push subscriptions of devices (A2). */
export interface PushTables {
  push_subscriptions: {
    device_id: string;
    endpoint: string;
    p256dh: string;
    auth: string;
    created_at: string;
  };
}

export const pushTables: readonly string[] = [
  `create table push_subscriptions (device_id text primary key, endpoint text not null, p256dh text not null,
     auth text not null, created_at text not null)`,
];
