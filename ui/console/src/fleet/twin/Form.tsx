import { Button, Input, InputNumber, Select, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import type { Doc, Json, Twin } from '../api/wire';
import { ArrowsClockwiseIcon, CheckIcon, WarningIcon, XIcon } from '../icons';
import { type Force, force, type Problem, same } from './diff';
import { type Field, fields, groups } from './fields';
import { unitText, valueText } from './value';

export interface EditProps {
  twin: Twin;
  doc: Doc;
  set(doc: Doc): void;
  wrong: Map<string, Problem>;
  may: boolean;
}

// Form has one control per field; each row says what is wanted, what is in force, and whether the two are the same.
export function Form(p: EditProps) {
  const { t } = useTranslation();
  return (
    <>
      <p className="soft small twin-lead">{t('twin.lead')}</p>
      <div className="card table twin-form">
        <div className="twin-row twin-head">
          <span>{t('twin.field')}</span>
          <span>{t('twin.desired')}</span>
          <span>{t('twin.reported')}</span>
        </div>
        {groups.map((g) => (
          <section key={g}>
            <h3 className="table-day">{t(`twin.group.${g}`)}</h3>
            {fields
              .filter((f) => f.group === g)
              .map((f) => (
                <Row key={f.name} field={f} {...p} />
              ))}
          </section>
        ))}
      </div>
    </>
  );
}

function Row({ field: f, twin, doc, set, wrong, may }: EditProps & { field: Field }) {
  const { t } = useTranslation();
  const v = doc[f.name];
  const changed = !same(v, twin.desired?.[f.name]);
  const problem = wrong.get(f.name);
  const put = (value: Json | undefined): void => {
    const { [f.name]: _, ...rest } = doc;
    set(value === undefined ? rest : { ...rest, [f.name]: value });
  };
  return (
    <div className={`twin-row ${changed ? 'twin-changed' : ''}`}>
      <label htmlFor={`f-${f.name}`}>
        <b>{t(`twin.name.${f.name}`)}</b>
        <small>{t(`twin.hint.${f.name}`)}</small>
      </label>
      <div className="twin-value">
        <Control field={f} value={v} put={put} may={may} bad={problem !== undefined} />
        {may && v !== undefined && (
          <Tooltip title={t('twin.unset')}>
            <Button type="text" size="small" aria-label={t('twin.unset')} icon={<XIcon size={13} />} onClick={() => put(undefined)} />
          </Tooltip>
        )}
        {problem && <p className="hot small">{t(problem.key, problem.with)}</p>}
      </div>
      <Reported twin={twin} field={f} edited={changed} />
    </div>
  );
}

interface ControlProps {
  field: Field;
  value: Json | undefined;
  put(v: Json | undefined): void;
  may: boolean;
  bad: boolean;
}

function Control({ field: f, value, put, may, bad }: ControlProps) {
  const { t } = useTranslation();
  const id = `f-${f.name}`;
  const own = t('twin.own');
  const status = bad ? { status: 'error' as const } : {};
  switch (f.kind) {
    case 'text':
      // An empty wish is a wish too ("no notice"): only the cross takes it back.
      return <Input.TextArea id={id} rows={1} className="grows" disabled={!may} value={typeof value === 'string' ? value : ''} placeholder={value === undefined ? own : t('twin.empty')} {...status} onChange={(e) => put(e.target.value)} />;
    case 'bool': {
      const options = [true, false].map((x) => ({ value: String(x), label: t(x ? 'twin.yes' : 'twin.no') }));
      return <Select id={id} disabled={!may} value={value === undefined ? null : String(value)} placeholder={own} options={options} {...status} onChange={(x: string) => put(x === 'true')} />;
    }
    case 'choice': {
      const whole = f.least !== undefined;
      const options = (f.of ?? []).map((x) => ({ value: x, label: valueText(t, f.name, whole ? Number(x) : x) }));
      return <Select id={id} disabled={!may} value={value === undefined ? null : String(value)} placeholder={own} options={options} {...status} onChange={(x: string) => put(whole ? Number(x) : x)} />;
    }
    default: {
      const limits = { ...(f.least === undefined ? {} : { min: f.least }), ...(f.most === undefined ? {} : { max: f.most }) };
      return (
        <InputNumber
          id={id}
          disabled={!may}
          value={typeof value === 'number' ? value : null}
          placeholder={own}
          {...limits}
          {...(f.kind === 'whole' ? { precision: 0 } : {})}
          step={f.unit === 'deg' ? 0.0001 : f.unit === '%' || (f.most ?? 0) > 300 ? 5 : 1}
          {...(f.unit ? { suffix: unitText(t, f.unit) } : {})}
          {...status}
          onChange={(x) => put(x ?? undefined)}
        />
      );
    }
  }
}

const says: Record<Force, string> = { own: '', inForce: 'twin.inForce', waiting: 'twin.waiting', held: 'twin.held', error: '', unsaid: 'twin.unsaid' };

function Reported({ twin, field: f, edited }: { twin: Twin; field: Field; edited: boolean }) {
  const { t } = useTranslation();
  const how = edited ? 'own' : force(twin, f.name); // of a wish that is not sent yet there is nothing to say
  const is = twin.reported?.[f.name];
  return (
    <div className={`twin-is twin-${how}`}>
      <span>{is === undefined ? <i className="soft">{t('twin.unsaid')}</i> : valueText(t, f.name, is)}</span>
      {how === 'inForce' && (
        <small title={t('twin.inForce')}>
          <CheckIcon size={13} weight="bold" /> {t(says.inForce)}
        </small>
      )}
      {how === 'waiting' && (
        <small className="hot">
          <ArrowsClockwiseIcon size={13} weight="bold" /> {t(says.waiting)}
        </small>
      )}
      {how === 'held' && (
        <small className="hot">
          <WarningIcon size={13} weight="fill" /> {t(says.held)}
        </small>
      )}
      {how === 'error' && (
        <small className="hot">
          <WarningIcon size={13} weight="fill" /> {twin.errors?.[f.name]}
        </small>
      )}
    </div>
  );
}
