/** What the file system refused, in words. */
import { NavisError } from '@navisai/protocol';
import { codeOf, diskFull } from '../../disk-words.ts';
import { shortForDisplay } from '../../plain-text/escape-for-display.ts';

const maxShownPath = 300;

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not do that (permission denied)',
  EPERM: 'the system does not permit it',
  EROFS: 'the file system is read-only',
  ENOSPC: diskFull,
  EDQUOT: 'the disk quota is used up',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  ENOTEMPTY: 'the directory is not empty',
  ELOOP: 'the path is a loop of links',
  ENAMETOOLONG: 'the name is too long',
  EBUSY: 'it is in use',
  ETXTBSY: 'it is a program that is running',
  EFBIG: 'it would become too large',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  EIO: 'the device reported an error',
  ESTALE: 'the network file system lost it',
  EXDEV: 'it lies on another file system',
  EINVAL: 'the file system does not support that',
  ENOTSUP: 'the file system does not support that',
  EMLINK: 'it has too many links',
  ENXIO: 'no such device',
};

export const isMissing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

export const shown = (path: string): string => shortForDisplay(path, maxShownPath);

/** A NavisError as it is; an error of the system as FILE_NOT_FOUND, FILE_CONFLICT or FILE_REFUSED about `path`. */
export const fileError = (error: unknown, path: string, field = 'path'): unknown => {
  const code = codeOf(error);
  if (error instanceof NavisError || !/^E[A-Z0-9]+$/.test(code)) return error;
  const facts = { field, cause: error };
  if (code === 'ENOENT')
    return new NavisError('FILE_NOT_FOUND', `${field}: there is no file or directory ${shown(path)}.`, facts);
  if (code === 'EEXIST') return new NavisError('FILE_CONFLICT', `${field}: ${shown(path)} exists already.`, facts);
  return refused(path, reasons[code] ?? `the system answered ${code}`, { field, cause: error });
};

export const refused = (path: string, why: string, facts: { field?: string; cause?: unknown } = {}): NavisError => {
  const { field = 'path', cause } = facts;
  return new NavisError('FILE_REFUSED', `${field}: ${shown(path)}: ${why}.`, { field, cause });
};

export const conflict = (path: string, why: string, field = 'path'): NavisError =>
  new NavisError('FILE_CONFLICT', `${field}: ${shown(path)}: ${why}. Nothing was changed.`, { field });
