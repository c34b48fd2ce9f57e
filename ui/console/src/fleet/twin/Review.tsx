import { Button, Input } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../../api/http';
import { setTwin } from '../api/fleet';
import type { Booth, Doc, Twin } from '../api/wire';
import { useSay, useWhy } from '../context';
import { Sheet } from '../parts/Sheet';
import { Changes } from './Changes';
import { changes } from './diff';

interface Wish {
  doc: Doc;
  note: string;
  again: number; // the version that is set again, 0 for a new one
}

interface Props {
  booth: Booth;
  twin: Twin;
  wish: Wish | null;
  close(): void;
  saved(t: Twin): void;
  refresh(): void;
}

export function Review({ wish, ...rest }: Props) {
  const { t } = useTranslation();
  const n = wish ? changes(rest.twin.desired ?? {}, wish.doc).length : 0;
  return (
    <Sheet open={wish !== null} title={wish?.again ? t('twin.setAgainTitle', { n: wish.again }) : t('twin.reviewTitle', { n })} close={rest.close} wide>
      {wish && <Inner {...rest} wish={wish} />}
    </Sheet>
  );
}

function Inner({ booth, twin, wish, close, saved, refresh }: Props & { wish: Wish }) {
  const { t } = useTranslation();
  const say = useSay();
  const why = useWhy();
  const [note, setNote] = useState(wish.note);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState('');
  const list = useMemo(() => changes(twin.desired ?? {}, wish.doc), [twin, wish.doc]);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      const n = await setTwin(booth.id, { if_version: twin.version, config: wish.doc, ...(note.trim() ? { note: note.trim() } : {}) });
      void say?.success(t('twin.saved', { n: n.version }));
      saved(n);
    } catch (e) {
      setBusy(false);
      setTrouble(why(e));
      if (!(e instanceof ApiError) || e.status !== 409) return;
      // Somebody was faster: what they did comes in, the draft moves onto it, and the operator looks again.
      refresh();
      close();
      void say?.warning({ content: why(e), duration: 8, key: 'twin' });
    }
  };
  return (
    <>
      {list.length > 0 ? <Changes list={list} /> : <p>{t('twin.noChanges')}</p>}
      <label className="field">
        <span>{t('twin.note')}</span>
        <Input data-first maxLength={500} placeholder={t('twin.noteHint')} value={note} onChange={(e) => setNote(e.target.value)} />
      </label>
      {booth.presence !== 'online' && <p className="soft">{t('cmd.offline')}</p>}
      <p className="trouble" role="alert">
        {trouble}
      </p>
      <div className="sheet-buttons">
        <Button onClick={close}>{t('booth.cancel')}</Button>
        <Button type="primary" loading={busy} disabled={list.length === 0} onClick={() => void save()}>
          {t('twin.save')}
        </Button>
      </div>
    </>
  );
}
