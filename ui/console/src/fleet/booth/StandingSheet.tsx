import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { setStanding } from '../api/fleet';
import type { Booth, Standing } from '../api/wire';
import { useSay, useWhy } from '../context';
import { Sheet } from '../parts/Sheet';

const verb = { quarantined: 'quarantine', in_service: 'release', retired: 'retire' } as const;

interface Props {
  booth: Booth;
  wish: Standing | null;
  close(): void;
  done(b: Booth): void;
}

export function StandingSheet({ booth, wish, close, done }: Props) {
  const { t } = useTranslation();
  const name = booth.name || booth.id;
  return (
    <Sheet open={wish !== null} title={wish ? t(`standingAct.${verb[wish]}Title`, { name }) : ''} close={close}>
      {wish && <Inner booth={booth} wish={wish} close={close} done={done} />}
    </Sheet>
  );
}

function Inner({ booth, wish, close, done }: Props & { wish: Standing }) {
  const { t } = useTranslation();
  const say = useSay();
  const why = useWhy();
  const [reason, setReason] = useState('');
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  const go = async (): Promise<void> => {
    if (!reason.trim()) {
      setTrouble(t('standingAct.reasonNeeded'));
      return;
    }
    setBusy(true);
    try {
      done(await setStanding(booth.id, { standing: wish, reason: reason.trim() }));
      void say?.success(t('standingAct.done'));
    } catch (e) {
      setTrouble(why(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <p>{t(`standingAct.${verb[wish]}Lead`)}</p>
      <label className="field">
        <span>{t('standingAct.reason')}</span>
        <Input.TextArea data-first autoFocus rows={2} maxLength={200} placeholder={t('standingAct.reasonHint')} value={reason} onChange={(e) => setReason(e.target.value)} />
      </label>
      <p className="trouble" role="alert">
        {trouble}
      </p>
      <div className="sheet-buttons">
        <Button onClick={close}>{t('booth.cancel')}</Button>
        <Button type="primary" danger={wish !== 'in_service'} loading={busy} onClick={() => void go()}>
          {t(`standingAct.${verb[wish]}`)}
        </Button>
      </div>
    </>
  );
}
