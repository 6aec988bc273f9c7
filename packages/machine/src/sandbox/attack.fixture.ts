/** What a command could try against a file that it must not reach, as shell text. */
import { dirname } from 'node:path';

/** Every way that was thought of; a line for each file, which prints what it can read and spoils what it can write. */
export const attackOn = (path: string): string => {
  const place = dirname(path);
  return [
    `cat ${path} < /dev/null; cat ${place}/../*/*; head -c 99 ${path}; bash -c '. ${path}'`,
    `ln -sf ${path} l1 && cat l1; ln ${path} h1 && cat h1; ln -s ${place} d1; cat d1/*; cp -r ${place} c1; cat c1/*`,
    `for p in /proc/[0-9]* /proc/self /proc/thread-self; do cat $p/root${path} $p/cwd/.navis/key; tr '\\0' '\\n' < $p/environ; done`,
    `for d in /proc/self/fd/* /proc/1/fd/*; do cat $d/.navis/key $d/..${path} < /dev/null; done`,
    `echo spoiled > ${path}; echo spoiled >> ${place}/new; mv ${place} ${place}.moved; rm -rf ${place}; rmdir ${place}`,
    `mv ~/.config ~/config.moved; mv ~/.local/share ~/share.moved; mv ~/.local ~/local.moved; mv ~/.navis ~/x; mv ~ ~/../other`,
    `umount ${place}; mount -t tmpfs none ${place}; mount --bind / ~/root; unshare -rm umount -l ${place}; chroot / cat ${path}`,
    `nsenter -t 1 -m cat ${path}; chmod -R 777 ${place}; chattr -i ${path}; mknod ~/disk b 8 0; cat ~/disk | head -c 10`,
  ].join('; ');
};
