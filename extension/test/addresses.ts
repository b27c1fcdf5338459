/** The addresses of pictures: which were made and let go in a test. jsdom has none. */

import { beforeEach } from 'vitest';

export const made: Blob[] = [];
export const revoked: string[] = [];

beforeEach(() => {
  made.length = revoked.length = 0;
  URL.createObjectURL = (blob: Blob) => `blob:${made.push(blob)}`;
  URL.revokeObjectURL = url => void revoked.push(url);
});
