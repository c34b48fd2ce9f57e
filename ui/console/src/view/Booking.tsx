import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Booking as Booked, city } from '../api/core';
import type { Contact } from '../desk/protocol';
import { BookingCard } from './BookingCard';
import { BookingFind } from './BookingFind';
import { BookingMake } from './BookingMake';

type Page =
  | { at: 'start' }
  | { at: 'found'; booking: Booked }
  | { at: 'make'; instead?: Booked }
  | { at: 'done'; booking: Booked; old?: Booked; oldStays?: boolean };

// Booking does at the desk what the booth does: the same tools, with the citizen on the line.
export default function Booking({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  const [page, setPage] = useState<Page>({ at: 'start' });
  const facts = useQuery({ queryKey: ['city'], queryFn: city, staleTime: Infinity });
  const places = facts.data?.places ?? [];
  const zone = facts.data?.zone ?? '';
  const start = (): void => setPage({ at: 'start' });
  switch (page.at) {
    case 'start':
      return (
        <div className="booking">
          <BookingFind contact={contact} found={(booking) => setPage({ at: 'found', booking })} />
          <hr />
          <h2>{t('booking.make')}</h2>
          {facts.isError && <p className="said said-hot" role="alert">{t('booking.places')}</p>}
          <BookingMake contact={contact} places={places} zone={zone} done={(booking) => setPage({ at: 'done', booking })} />
        </div>
      );
    case 'found':
      return (
        <div className="booking">
          <BookingCard
            booking={page.booking}
            places={places}
            changed={(booking) => setPage({ at: 'found', booking })}
            change={() => setPage({ at: 'make', instead: page.booking })}
          />
          <Button block onClick={start}>
            {t('booking.another')}
          </Button>
        </div>
      );
    case 'make':
      return (
        <div className="booking">
          <p className="booking-changing">{t('booking.changing', { number: page.instead?.number })}</p>
          <BookingMake
            contact={contact}
            places={places}
            zone={zone}
            instead={page.instead}
            back={() => (page.instead ? setPage({ at: 'found', booking: page.instead }) : start())}
            done={(booking, oldStays) => setPage({ at: 'done', booking, old: page.instead, oldStays })}
          />
        </div>
      );
    case 'done':
      return (
        <div className="booking">
          <p className={`said${page.oldStays ? ' said-hot' : ''}`} role="status">
            {page.old ? t(page.oldStays ? 'booking.halfChanged' : 'booking.changed', { number: page.old.number }) : t('booking.booked')}
          </p>
          <BookingCard booking={page.booking} places={places} fresh changed={(booking) => setPage({ at: 'found', booking })} />
          {page.old && page.oldStays && (
            <BookingCard booking={page.old} places={places} changed={() => setPage({ ...page, oldStays: false })} />
          )}
          <Button block onClick={start}>
            {t('booking.another')}
          </Button>
        </div>
      );
  }
}
