/** Who is here, and what they may see. */
import { signal } from '@preact/signals';
import { Failure, request } from './api';
import { draftsOf } from './drafts';
import type { Me } from './types';

export const me = signal<Me | undefined>(undefined);
export const meFailure = signal<Failure | undefined>(undefined);

export async function readMe(): Promise<void> {
  meFailure.value = undefined;
  try {
    const found = await request<Me>('/api/v1/me');
    draftsOf(found.id);
    me.value = found;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    meFailure.value = error;
  }
}
