import { useTranslation } from 'react-i18next';
import { known, languageName } from '../i18n';
import { useDesk } from './context';
import { clock, useNow } from './time';

// longWait is when a wait turns hot, ms.
const longWait = 60_000;
const shown = 12;

export function QueuePanel() {
  const { t, i18n } = useTranslation();
  const s = useDesk();
  const now = useNow() + s.skew;
  const longest = s.waiting.reduce((max, w) => Math.max(max, now - w.since_ms), 0);
  const more = s.total - Math.min(s.waiting.length, shown);
  return (
    <>
      <section className="card queue" aria-label={t('queue.title')}>
        <div className="queue-sum">
          <div>
            <b>{s.total}</b>
            <span>{t('queue.waiting')}</span>
          </div>
          <div className={longest > longWait ? 'hot' : ''}>
            <b>{s.waiting.length ? clock(longest) : '–'}</b>
            <span>{t('queue.longest')}</span>
          </div>
        </div>
        {s.waiting.length === 0 ? (
          <p className="soft queue-none">
            {t('queue.none')}
            <br />
            <small>{t('queue.noneLead')}</small>
          </p>
        ) : (
          <ol className="queue-list" tabIndex={0} aria-label={t('queue.title')}>
            {s.waiting.slice(0, shown).map((w) => (
              <li key={w.id}>
                <span className="queue-what">
                  <span>{known(t, 'task', w.task) || t('contact.noTask')}</span>
                  <small>{[languageName(w.lang, i18n.language), w.booth].join(' · ')}</small>
                </span>
                {w.callback && <span className="chip chip-callback">{t('queue.callback')}</span>}
                <time className={now - w.since_ms > longWait ? 'hot' : ''}>{clock(now - w.since_ms)}</time>
              </li>
            ))}
            {more > 0 && <li className="soft queue-more">{t('queue.more', { n: more })}</li>}
          </ol>
        )}
      </section>
      <section className="card agents" aria-label={t('queue.agents')}>
        <h2>{t('queue.agents')}</h2>
        {s.agents.length === 0 && <p className="soft small">{t('queue.nobody')}</p>}
        <ul>
          {s.agents.map((a) => (
            <li key={a.name} className={`me-${a.state}`}>
              <i className="dot" aria-hidden="true" />
              <span>{a.name}</span>
              <small>{a.state === 'away' ? known(t, 'reason', a.reason) || t('state.away') : t(`state.${a.state}`)}</small>
              <time>{clock(now - a.since_ms)}</time>
            </li>
          ))}
        </ul>
      </section>
    </>
  );
}
