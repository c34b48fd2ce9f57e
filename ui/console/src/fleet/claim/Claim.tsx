import { Button, Input, Select, Typography } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQueryClient } from '@tanstack/react-query';
import { ApiError } from '../../api/http';
import { claim, token as makeToken } from '../api/fleet';
import type { Booth, NewClaim, Token } from '../api/wire';
import { useMay, useWhy } from '../context';
import { when } from '../format';
import { PlugsConnectedIcon } from '../icons';
import { noPlace, type Place, PlaceFields, position, Text } from '../parts/PlaceFields';
import { clean, idForm, whole } from './code';
import { CodeField } from './CodeField';
import { Coming } from './Coming';

export default function Claim({ code }: { code: string }) {
  const { t } = useTranslation();
  const may = useMay();
  const [by, setBy] = useState<'code' | 'token'>('code');
  const [booth, setBooth] = useState<Booth | null>(null);
  const [token, setToken] = useState<{ id: string; token: Token } | null>(null);
  const again = (): void => {
    setBooth(null);
    setToken(null);
  };
  if (booth) return <Coming booth={booth} again={again} />;
  return (
    <div className="page claim">
      <header className="page-head">
        <div>
          <h2 className="big">{t(by === 'code' ? 'claim.title' : 'claim.token')}</h2>
          <p className="soft">{t(by === 'code' ? 'claim.lead' : 'claim.tokenLead')}</p>
        </div>
      </header>
      {token ? <TokenShown id={token.id} token={token.token} again={again} /> : <Form by={by} code={code} may={may} claimed={setBooth} made={(id, x) => setToken({ id, token: x })} />}
      {!token && (
        <Button type="link" className="claim-other" onClick={() => setBy(by === 'code' ? 'token' : 'code')}>
          {t(by === 'code' ? 'claim.token' : 'claim.byCode')}
        </Button>
      )}
    </div>
  );
}

interface FormProps {
  by: 'code' | 'token';
  code: string;
  may: boolean;
  claimed(b: Booth): void;
  made(id: string, t: Token): void;
}

interface Trouble {
  at: 'code' | 'id' | '';
  text: string;
}

const lifetimes = [1, 24, 168];

function Form({ by, code: given, may, claimed, made }: FormProps) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const why = useWhy();
  const [code, setCode] = useState(clean(given));
  const [id, setId] = useState('');
  const [place, setPlace] = useState<Place>(noPlace);
  const [hours, setHours] = useState(24);
  const [trouble, setTrouble] = useState<Trouble>({ at: '', text: '' });
  const [busy, setBusy] = useState(false);
  const at = position(place);
  const odd = id !== '' && !idForm.test(id);
  const ready = (by === 'token' || whole(code)) && idForm.test(id) && at !== undefined && may;
  const submit = async (): Promise<void> => {
    if (!ready || busy) return;
    setBusy(true);
    setTrouble({ at: '', text: '' });
    const { lat: _, lon: __, ...words } = place;
    const wish: NewClaim = { ...words, code: by === 'code' ? code : '', id, lat: at?.lat ?? null, lon: at?.lon ?? null };
    try {
      if (by === 'code') {
        claimed(await claim(wish));
        void client.invalidateQueries({ queryKey: ['summary'] });
      } else made(id, await makeToken({ ...wish, expires_s: hours * 3600 }));
    } catch (e) {
      setTrouble(explain(e));
    } finally {
      setBusy(false);
    }
  };
  const explain = (e: unknown): Trouble => {
    const status = e instanceof ApiError ? e.status : 0;
    if (by === 'code' && status === 404) return { at: 'code', text: t('claim.unknownCode') };
    if (status === 409) return { at: 'id', text: t('claim.idTaken', { id }) };
    if (status === 429) return { at: '', text: t('claim.tooMany') };
    return { at: '', text: why(e) };
  };
  return (
    <form
      className="claim-form card"
      onSubmit={(e) => {
        e.preventDefault();
        void submit();
      }}
    >
      {by === 'code' && <CodeField code={code} set={setCode} trouble={trouble.at === 'code' ? trouble.text : ''} />}
      <h3>{t('claim.who')}</h3>
      <div className="pair">
        <label className="field">
          <span>{t('booth.id')}</span>
          <Input
            value={id}
            maxLength={64}
            spellCheck={false}
            autoFocus={by === 'token' || given !== ''}
            placeholder={t('claim.example', { x: 'sh-yuyuan-001' })}
            status={trouble.at === 'id' || odd ? 'error' : ''}
            onChange={(e) => setId(e.target.value.toLowerCase().trim())}
          />
          <small className={odd ? 'hot' : 'soft'}>{t('booth.idHint')}</small>
        </label>
        <Text label={t('booth.name')} hint={t('booth.nameHint')} value={place.name} set={(name) => setPlace({ ...place, name })} max={80} />
      </div>
      {trouble.at === 'id' && <p className="trouble">{trouble.text}</p>}
      <PlaceFields value={place} set={(some) => setPlace({ ...place, ...some })} trouble={at === undefined && place.lat !== '' && place.lon !== ''} />
      {by === 'token' && (
        <div className="field field-row">
          <span>{t('claim.tokenFor')}</span>
          <Select value={hours} aria-label={t('claim.tokenFor')} onChange={setHours} options={lifetimes.map((value) => ({ value, label: t(`claim.tokenHours_${value}`) }))} />
        </div>
      )}
      <p className="trouble" role="alert">
        {trouble.at === '' ? trouble.text : ''}
        {!may && t('may.lead')}
      </p>
      <Button type="primary" size="large" htmlType="submit" icon={<PlugsConnectedIcon size={18} />} loading={busy} disabled={!ready}>
        {t(by === 'code' ? 'claim.go' : 'claim.tokenGo')}
      </Button>
    </form>
  );
}

function TokenShown({ id, token, again }: { id: string; token: Token; again(): void }) {
  const { t, i18n } = useTranslation();
  return (
    <div className="claim-form card">
      <p>{t('claim.tokenUntil', { id, when: when(token.expires_ms, i18n.language, 'full') })}</p>
      <Typography.Text code copyable={{ text: token.token }} className="claim-token">
        {token.token}
      </Typography.Text>
      <p className="hot">{t('claim.tokenDone')}</p>
      <Button onClick={again}>{t('claim.another')}</Button>
    </div>
  );
}
