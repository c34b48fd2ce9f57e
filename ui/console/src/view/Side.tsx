import { lazy, Suspense, useEffect, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Contact } from '../desk/protocol';
import { Facts } from './Facts';
import type { Tab } from './Shell';
import { WrapUp } from './WrapUp';

const Booking = lazy(() => import('./Booking'));

const tabs: Tab[] = ['contact', 'booking', 'wrap'];

// Side holds what belongs to the contact in hand. Its parts stay mounted: a half-filled form outlives a look at another tab.
export function Side({ contact, tab, setTab }: { contact: Contact; tab: Tab; setTab(t: Tab): void }) {
  const { t } = useTranslation();
  const [opened, setOpened] = useState<Tab[]>([tab]);
  useEffect(() => setOpened((o) => (o.includes(tab) ? o : [...o, tab])), [tab]);
  const arrows = (e: KeyboardEvent): void => {
    const step = e.key === 'ArrowRight' ? 1 : e.key === 'ArrowLeft' ? -1 : 0;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    if (!step || !next) return;
    setTab(next);
    document.getElementById(`tab-${next}`)?.focus();
  };
  const parts: Record<Tab, ReactNode> = {
    contact: <Facts contact={contact} />,
    booking: (
      <Suspense fallback={null}>
        <Booking contact={contact} />
      </Suspense>
    ),
    wrap: <WrapUp contact={contact} shown={tab === 'wrap'} />,
  };
  return (
    <section className="card side">
      <div className="side-tabs" role="tablist" onKeyDown={arrows}>
        {tabs.map((x) => (
          <button
            key={x}
            type="button"
            role="tab"
            id={`tab-${x}`}
            aria-selected={x === tab}
            aria-controls={`part-${x}`}
            tabIndex={x === tab ? 0 : -1}
            onClick={() => setTab(x)}
          >
            {t(`side.${x}`)}
          </button>
        ))}
      </div>
      {tabs.map((x) => (
        <div key={`${contact.id}-${x}`} className="side-part" role="tabpanel" id={`part-${x}`} aria-labelledby={`tab-${x}`} hidden={x !== tab}>
          {(opened.includes(x) || x === tab) && parts[x]}
        </div>
      ))}
    </section>
  );
}
