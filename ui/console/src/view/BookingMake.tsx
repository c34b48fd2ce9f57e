import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { book, type Booking, cancel, type Place, times, type Wish } from '../api/core';
import { ApiError, ulid } from '../api/http';
import type { Contact } from '../desk/protocol';
import { placeName } from './BookingCard';
import { useWhy } from './context';
import { guess } from './guess';
import { cityDays, dateName } from './time';

const daysAhead = 30;
const mostTickets = 10;

interface Props {
  contact: Contact;
  places: Place[];
  zone: string;
  instead?: Booking | undefined; // the booking that the new one replaces
  back?(): void;
  done(b: Booking, oldStays?: boolean): void;
}

export function BookingMake({ contact, places, zone, instead, back, done }: Props) {
  const { t, i18n } = useTranslation();
  const why = useWhy();
  const client = useQueryClient();
  const lang = i18n.language;
  const days = useMemo(() => cityDays(Date.now(), zone, daysAhead + 1), [zone]);
  const [mine, setMine] = useState<Partial<Wish>>({}); // what the agent chose goes before what the bot learnt
  const told = useMemo(() => instead ?? guess(contact.slots, places, days), [instead, contact.slots, places, days]);
  const place = mine.place ?? told.place ?? '';
  const date = mine.date ?? told.date ?? '';
  const part = mine.session ?? told.session ?? '';
  const tickets = mine.tickets ?? told.tickets ?? 1;
  const set = (w: Partial<Wish>): void => renew(() => setMine({ ...mine, ...w }));
  const [asking, setAsking] = useState(false);
  const keys = useRef({ make: '', drop: '' }); // bound to one confirmation

  const open = useQuery({
    queryKey: ['times', place, date],
    queryFn: ({ signal }) => times(place, date, signal),
    enabled: place !== '' && date !== '',
    staleTime: 10_000,
  });
  const wish: Wish | null = place && date && part ? { place, date, session: part, tickets } : null;
  const order = useMutation({
    mutationFn: async (w: Wish) => {
      const made = await book(w, (keys.current.make ||= ulid()));
      if (!instead) return { made, oldStays: false };
      const dropped = await cancel(instead, (keys.current.drop ||= ulid())).catch(() => null);
      return { made, oldStays: dropped === null };
    },
    onSuccess: ({ made, oldStays }) => {
      void client.invalidateQueries({ queryKey: ['times'] });
      done(made, oldStays);
    },
    onError: (e) => {
      // After a clear no the next try is a new order; after silence it must stay the same one.
      if (!(e instanceof ApiError) || !['uncertain', 'unavailable', 'unreachable'].includes(e.kind)) keys.current.make = '';
      void client.invalidateQueries({ queryKey: ['times'] });
    },
  });
  const renew = (f: () => void): void => {
    keys.current = { make: '', drop: '' };
    order.reset();
    setAsking(false);
    f();
  };
  const dayName = (d: string, i: number): string => {
    const name = dateName(d, lang);
    if (i > 1) return name;
    return `${t(i === 0 ? 'booking.today' : 'booking.tomorrow')} · ${name}`;
  };
  const session = open.data?.sessions.find((x) => x.session === part);

  if (asking && wish) {
    return (
      <div className="confirm">
        <p className="soft">{t('booking.confirmBook')}</p>
        <p className="confirm-words">
          <strong>{placeName(places, wish.place, lang)}</strong>
          <br />
          {dateName(wish.date, lang)}
          <br />
          {t(`booking.${wish.session}`)} {session && `${session.from}–${session.to}`}
          <br />
          {t('booking.ticketCount', { count: wish.tickets })}
        </p>
        <p className="trouble" role="alert">
          {order.isError ? why(order.error) : ''}
        </p>
        <Button type="primary" block size="large" autoFocus loading={order.isPending} onClick={() => order.mutate(wish)}>
          {t('booking.confirm')}
        </Button>
        <Button block disabled={order.isPending} onClick={() => renew(() => undefined)}>
          {t('booking.back')}
        </Button>
      </div>
    );
  }
  return (
    <form
      className="make"
      onSubmit={(e) => {
        e.preventDefault();
        if (wish) setAsking(true);
      }}
    >
      <label>
        <span>{t('booking.place')}</span>
        <Select
          showSearch={{ optionFilterProp: 'label' }}
          value={place || undefined}
          placeholder={t('booking.placeHint')}
          options={places.map((p) => ({ value: p.id, label: p.name[lang] ?? p.id }))}
          onChange={(v: string) => set({ place: v })}
        />
      </label>
      <div className="make-row">
        <label>
          <span>{t('booking.date')}</span>
          <Select
            value={date || undefined}
            placeholder="–"
            options={days.map((d, i) => ({ value: d, label: dayName(d, i) }))}
            onChange={(v: string) => set({ date: v })}
          />
        </label>
        <label className="make-tickets">
          <span>{t('booking.tickets')}</span>
          <Select
            value={tickets}
            options={Array.from({ length: mostTickets }, (_, i) => ({ value: i + 1, label: t('booking.ticketCount', { count: i + 1 }) }))}
            onChange={(v: number) => set({ tickets: v })}
          />
        </label>
      </div>
      <div className="parts" role="radiogroup" aria-label={t('booking.part')}>
        {(['morning', 'afternoon'] as const).map((x) => {
          const o = open.data?.sessions.find((y) => y.session === x);
          const can = o !== undefined && o.left >= tickets;
          return (
            <label key={x} className={`part${part === x && can ? ' chosen' : ''}${can ? '' : ' part-off'}`}>
              <input type="radio" name="part" disabled={!can} checked={part === x && can} onChange={() => set({ session: x })} />
              <strong>{t(`booking.${x}`)}</strong>
              <span>{o ? `${o.from}–${o.to}` : '–'}</span>
              <small>{o ? (o.left > 0 ? t('booking.left', { n: o.left }) : t('booking.soldOut')) : ' '}</small>
            </label>
          );
        })}
      </div>
      <p className="trouble" role="alert">
        {open.isError ? why(open.error) : open.data?.sessions.length === 0 ? t('booking.noSessions') : ''}
      </p>
      <div className="make-buttons">
        {back && <Button onClick={back}>{t('booking.leave')}</Button>}
        <Button type="primary" htmlType="submit" disabled={!wish || !session || session.left < tickets}>
          {t('booking.book')}
        </Button>
      </div>
    </form>
  );
}
