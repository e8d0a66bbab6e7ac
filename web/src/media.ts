/** Our copies of what hangs on a text. */
import { signal } from '@preact/signals';
import { Failure, request } from './api';
import { say } from './focus';
import type { Ticket } from './types';

/** Opens a copy in another tab: an address that lasts a moment is asked for each time. */
export async function openMedia(t: Ticket, n: string): Promise<void> {
  try {
    const { url } = await request<{ url: string }>(`/api/v1/tickets/${encodeURIComponent(t.id)}/media/${n}?as=link`);
    const link = Object.assign(document.createElement('a'), { href: url, target: '_blank', rel: 'noreferrer noopener' });
    link.click();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    failedMedia.value = { n, words: error.words };
    say(error.words);
  }
}

/** Why the last copy asked for did not open. */
export const failedMedia = signal<{ n: string; words: string } | undefined>(undefined);
