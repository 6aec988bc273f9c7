/** What a node's menu leads to. */
export type NodeQuestion = 'rename' | 'labels' | 'rekey' | 'revoke' | 'remove';
