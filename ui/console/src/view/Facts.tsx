import { Button, Tooltip } from 'antd';
import { useContext } from 'react';
import { useTranslation } from 'react-i18next';
import type { Contact } from '../desk/protocol';
import { known, languageName } from '../i18n';
import { SayContext } from './context';
import { CopyIcon, SirenIcon } from './icons';
import { SlotList } from './Slots';
import { clock, hourSecond } from './time';

// Facts is all that is known of a contact, beside its words; the history shows the same.
export function Facts({ contact: c, outcome = false }: { contact: Contact; outcome?: boolean }) {
  const { t, i18n } = useTranslation();
  const lang = i18n.language;
  const rows: [string, string][] = [
    [t('contact.lang'), languageName(c.lang, lang)],
  ];
  if (c.kind !== 'emergency') {
    rows.push([t('contact.task'), known(t, 'task', c.task) || t('contact.noTask')]);
    rows.push([t('contact.reason'), known(t, 'contact.whyReason', c.reason) || '–']);
    rows.push([t('contact.waited'), c.queued_ms && c.answered_ms ? clock(c.answered_ms - c.queued_ms) : '–']);
  } else if (outcome) {
    rows.push([t('contact.waited'), c.answered_ms ? clock(c.answered_ms - c.created_ms) : '–']);
    rows.push([t('contact.talked'), c.answered_ms && c.ended_ms ? clock(c.ended_ms - c.answered_ms) : '–']);
    rows.push([t('contact.agent'), t(c.test ? 'contact.simulated' : 'contact.operator')]);
  }
  if (outcome && c.kind !== 'emergency') {
    rows.push([t('contact.talked'), c.answered_ms && c.ended_ms ? clock(c.ended_ms - c.answered_ms) : '–']);
    rows.push([t('contact.agent'), c.agent || '–']);
    rows.push([t('contact.disposition'), known(t, 'wrap.what', c.disposition) || known(t, 'contact.state', c.state) || '–']);
  }
  return (
    <div className="facts">
      {c.kind === 'emergency' && (
        <p className="facts-urgent">
          <SirenIcon size={20} weight="fill" /> {t('contact.dialled', { number: c.number || 'SOS' })}
          {c.test && <span className="chip chip-test">{t('contact.test')}</span>}
        </p>
      )}
      <div className="facts-place">
        <strong>{c.place || c.booth}</strong>
        <span className="soft">
          {t('contact.booth')} {c.booth}
        </span>
      </div>
      <dl className="rows">
        {rows.map(([k, v]) => (
          <div key={k}>
            <dt>{k}</dt>
            <dd>{v}</dd>
          </div>
        ))}
      </dl>
      {c.kind !== 'emergency' && (
        <>
          <h2>{t('contact.slots')}</h2>
          <SlotList slots={c.slots} />
        </>
      )}
      {outcome && c.note && (
        <>
          <h2>{t('contact.note')}</h2>
          <p className="facts-note">{c.note}</p>
        </>
      )}
      {c.timeline.length > 0 && (
        <>
          <h2>{t('contact.timeline')}</h2>
          <ol className="steps">
            {c.timeline.map((x, i) => (
              <li key={`${x.at_ms}-${i}`}>
                <time>{hourSecond(x.at_ms, lang)}</time>
                <span>
                  {known(t, 'step', x.kind)} {x.text && <small>{known(t, 'call.cause', known(t, 'wrap.what', x.text))}</small>}
                </span>
              </li>
            ))}
          </ol>
        </>
      )}
      <CopyId id={c.id} />
    </div>
  );
}

function CopyId({ id }: { id: string }) {
  const { t } = useTranslation();
  const say = useContext(SayContext);
  const copy = (): void => {
    navigator.clipboard?.writeText(id).then(
      () => void say?.success(t('contact.copied')),
      () => undefined,
    );
  };
  return (
    <p className="facts-id">
      {t('contact.id')} <code>{id}</code>
      <Tooltip title={t('contact.copy')}>
        <Button type="text" size="small" aria-label={t('contact.copy')} icon={<CopyIcon size={14} />} onClick={copy} />
      </Tooltip>
    </p>
  );
}
