/** What each network allows, as the service tells it. */
import { signal } from '@preact/signals';
import { Failure, request } from './api';
import type { Page, Rules } from './types';

export const rules = signal<Rules[]>([]);

export async function readRules(): Promise<void> {
  if (rules.peek().length > 0) return;
  try {
    rules.value = (await request<Page<Rules>>('/api/v1/rules')).items;
  } catch (error) {
    if (!(error instanceof Failure)) throw error; // what is shown beside it says what is wrong
  }
}
