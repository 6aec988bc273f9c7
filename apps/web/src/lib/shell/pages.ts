/** The pages that everything else hangs on, in the order in which they are offered. */
import AlarmClock from '@lucide/svelte/icons/alarm-clock';
import FolderGit from '@lucide/svelte/icons/folder-git-2';
import House from '@lucide/svelte/icons/house';
import MessagesSquare from '@lucide/svelte/icons/messages-square';
import MonitorSmartphone from '@lucide/svelte/icons/monitor-smartphone';
import Server from '@lucide/svelte/icons/server';
import Settings from '@lucide/svelte/icons/settings';
import ShieldCheck from '@lucide/svelte/icons/shield-check';

/** On phones those with a `tile` stand on the home page. */
export const pages = [
  { href: '/', label: 'Overview', icon: House, tile: false },
  { href: '/c', label: 'Conversations', icon: MessagesSquare, tile: true },
  { href: '/approvals', label: 'Approvals', icon: ShieldCheck, tile: false },
  { href: '/r', label: 'Recalls', icon: AlarmClock, tile: true },
  { href: '/p', label: 'Projects', icon: FolderGit, tile: true },
  { href: '/fleet', label: 'Nodes', icon: Server, tile: true },
  { href: '/settings/devices', label: 'Devices', icon: MonitorSmartphone, tile: false },
  { href: '/settings', label: 'Settings', icon: Settings, tile: false },
] as const;
