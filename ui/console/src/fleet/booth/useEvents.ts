import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { events as read } from '../api/fleet';

export function useEvents(id: string, type: string) {
  const q = useInfiniteQuery({
    queryKey: ['events', id, type],
    queryFn: ({ pageParam, signal }) => read(id, type, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (p) => p.next || undefined,
  });
  const list = useMemo(() => (q.data?.pages ?? []).flatMap((p) => p.events ?? []), [q.data]);
  return { ...q, list };
}
