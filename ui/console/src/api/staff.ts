// The accounts of staff, for administrators.

import { call } from './http';

export const roles = ['agent', 'supervisor', 'operator', 'administrator'] as const;

export interface Account {
  user: string;
  roles: string[];
  langs: string[];
  disabled: boolean;
}

export interface NewAccount {
  user: string;
  password: string;
  roles: string[];
  langs: string[];
}

// Change leaves alone what is not in it.
export interface Change {
  roles?: string[];
  langs?: string[];
  password?: string;
  disabled?: boolean;
}

// Limits of the core, in bytes.
export const minPassword = 8;

const path = (user: string): string => `/api/v1/users/${encodeURIComponent(user)}`;

// accounts reads all pages: staff are few.
export async function accounts(signal?: AbortSignal): Promise<Account[]> {
  const all: Account[] = [];
  for (let cursor = ''; ; ) {
    const query = new URLSearchParams({ limit: '200', ...(cursor ? { cursor } : {}) });
    const page = await call<{ users?: Account[]; next?: string }>(`/api/v1/users?${query}`, { signal });
    all.push(...(page.users ?? []));
    if (!page.next || page.next === cursor) return all;
    cursor = page.next;
  }
}

export const add = (a: NewAccount): Promise<Account> => call('/api/v1/users', { method: 'POST', body: a });
export const change = (user: string, c: Change): Promise<Account> => call(path(user), { method: 'PATCH', body: c });
export const remove = (user: string): Promise<void> => call(path(user), { method: 'DELETE' });
