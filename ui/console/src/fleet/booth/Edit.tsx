import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { patch } from '../api/fleet';
import type { Booth, BoothPatch } from '../api/wire';
import { useSay, useWhy } from '../context';
import { type Place, PlaceFields, position, Text } from '../parts/PlaceFields';
import { Sheet } from '../parts/Sheet';

interface Props {
  booth: Booth;
  open: boolean;
  close(): void;
  done(b: Booth): void;
}

export function Edit({ open, ...rest }: Props) {
  const { t } = useTranslation();
  return (
    <Sheet open={open} title={t('booth.edit')} close={rest.close} wide>
      <Inner {...rest} />
    </Sheet>
  );
}

const text = (n: number | null): string => (n === null ? '' : String(n));

function Inner({ booth: b, close, done }: Omit<Props, 'open'>) {
  const { t } = useTranslation();
  const say = useSay();
  const why = useWhy();
  const [v, setV] = useState<Place>({ name: b.name, place_zh: b.place_zh, place_en: b.place_en, district: b.district, group: b.group, lat: text(b.lat), lon: text(b.lon) });
  const [note, setNote] = useState(b.note);
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  const at = position(v);
  const save = async (): Promise<void> => {
    if (at === undefined) return;
    setBusy(true);
    try {
      done(await patch(b.id, changed(b, v, note, at)));
      void say?.success(t('booth.saved'));
    } catch (e) {
      setTrouble(why(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Text label={t('booth.name')} hint={t('booth.nameHint')} value={v.name} set={(name) => setV({ ...v, name })} max={80} />
      <PlaceFields value={v} set={(some) => setV({ ...v, ...some })} trouble />
      <label className="field">
        <span>{t('booth.note')}</span>
        <Input.TextArea rows={2} maxLength={500} value={note} onChange={(e) => setNote(e.target.value)} />
      </label>
      <p className="trouble" role="alert">
        {trouble}
      </p>
      <div className="sheet-buttons">
        <Button onClick={close}>{t('booth.cancel')}</Button>
        <Button type="primary" loading={busy} disabled={at === undefined} onClick={() => void save()}>
          {t('booth.save')}
        </Button>
      </div>
    </>
  );
}

// changed sends only what was changed, so that two who edit at once do not undo each other.
function changed(b: Booth, v: Place, note: string, at: { lat: number; lon: number } | null): BoothPatch {
  const out: BoothPatch = {};
  for (const k of ['name', 'place_zh', 'place_en', 'district', 'group'] as const) if (v[k].trim() !== b[k]) out[k] = v[k].trim();
  if (note.trim() !== b.note) out.note = note.trim();
  if (at && (at.lat !== b.lat || at.lon !== b.lon)) Object.assign(out, at);
  return out;
}
