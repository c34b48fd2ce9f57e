import { Button, Input, InputNumber, Select, Switch } from 'antd';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { send } from '../api/fleet';
import type { Booth, Command, CommandName, Doc } from '../api/wire';
import { useSay, useWhy } from '../context';
import { UserIcon, WarningIcon } from '../icons';
import { Sheet } from '../parts/Sheet';

interface Props {
  booth: Booth;
  cmd: CommandName | null;
  close(): void;
  done(c: Command): void;
}

export function CommandSheet({ cmd, ...rest }: Props) {
  const { t } = useTranslation();
  return (
    <Sheet open={cmd !== null} title={cmd ? t('cmd.title', { name: rest.booth.name || rest.booth.id, cmd: t(`cmd.${cmd}`) }) : ''} close={rest.close}>
      {cmd && <Inner key={cmd} cmd={cmd} {...rest} />}
    </Sheet>
  );
}

const interrupts = (c: CommandName): boolean => c !== 'logs' && c !== 'mirror';
const expiries = [600, 3600, 86_400, 604_800];
const usual: Partial<Record<CommandName, Doc>> = { tone: { hz: 1000, ms: 2000, dbfs: -20 }, message: { zh: '', en: '', seconds: 60 }, logs: { lines: 10_000 } };

function Inner({ booth: b, cmd, close, done }: Omit<Props, 'cmd'> & { cmd: CommandName }) {
  const { t } = useTranslation();
  const say = useSay();
  const why = useWhy();
  const [args, setArgs] = useState<Doc>(usual[cmd] ?? {});
  const [force, setForce] = useState(false);
  const [expires, setExpires] = useState(3600);
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  const set = (some: Doc): void => setArgs({ ...args, ...some });
  const submit = async (): Promise<void> => {
    if (cmd === 'message' && !String(args.zh).trim() && !String(args.en).trim()) {
      setTrouble(t('cmd.textNeeded'));
      return;
    }
    setBusy(true);
    try {
      const c = await send(b.id, { cmd, ...(usual[cmd] ? { args } : {}), ...(force ? { force } : {}), expires_s: expires });
      void say?.success({ content: t('cmd.sent'), key: 'cmd' });
      done(c);
    } catch (e) {
      setTrouble(why(e));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div className="notice">
        <UserIcon size={18} />
        <div>
          <strong>{t('cmd.notices')}</strong>
          <p>{t(`cmd.what.${cmd}`)}</p>
        </div>
      </div>
      <Args cmd={cmd} args={args} set={set} />
      {interrupts(cmd) && <Force booth={b} on={force} set={setForce} />}
      {b.presence !== 'online' && <p className="soft">{t('cmd.offline')}</p>}
      <div className="field field-row">
        <span>{t('cmd.expires')}</span>
        <Select value={expires} aria-label={t('cmd.expires')} onChange={setExpires} options={expiries.map((value) => ({ value, label: t(`cmd.expiresIn_${value}`) }))} />
      </div>
      <p className="trouble" role="alert">
        {trouble}
      </p>
      <div className="sheet-buttons">
        <Button onClick={close}>{t('booth.cancel')}</Button>
        <Button type="primary" danger={force} data-first loading={busy} onClick={() => void submit()}>
          {t('cmd.send')}
        </Button>
      </div>
    </>
  );
}

function Force({ booth: b, on, set }: { booth: Booth; on: boolean; set(on: boolean): void }) {
  const { t } = useTranslation();
  return (
    <div className={`force ${on ? 'force-on' : ''}`}>
      <p>
        {b.visit && <b>{t('cmd.inUse')} </b>}
        {t('cmd.waits')}
      </p>
      <label>
        <Switch size="small" checked={on} onChange={set} /> {t('cmd.force')}
      </label>
      {on && (
        <p className="force-lead">
          <WarningIcon size={15} weight="fill" /> {t('cmd.forceLead')}
        </p>
      )}
    </div>
  );
}

function Args({ cmd, args, set }: { cmd: CommandName; args: Doc; set(some: Doc): void }) {
  const { t } = useTranslation();
  const num = (name: string, label: string, least: number, most: number, unit: string, by = 1): ReactNode => (
    <Num label={label} value={Number(args[name])} least={least} most={most} unit={unit} by={by} set={(v) => set({ [name]: v })} />
  );
  switch (cmd) {
    case 'tone':
      return (
        <div className="triple">
          {num('hz', t('cmd.tonePitch'), 200, 4000, 'Hz', 100)}
          {num('ms', t('cmd.toneLength'), 100, 10_000, t('cmd.ms'), 500)}
          {num('dbfs', t('cmd.toneLevel'), -60, -6, 'dBFS', 2)}
        </div>
      );
    case 'message':
      return (
        <>
          <label className="field">
            <span>{t('cmd.textZh')}</span>
            <Input.TextArea autoFocus rows={2} maxLength={80} value={String(args.zh)} onChange={(e) => set({ zh: e.target.value })} />
          </label>
          <label className="field">
            <span>{t('cmd.textEn')}</span>
            <Input.TextArea rows={2} maxLength={120} value={String(args.en)} onChange={(e) => set({ en: e.target.value })} />
          </label>
          {num('seconds', t('cmd.seconds'), 5, 600, t('cmd.s'), 5)}
        </>
      );
    case 'logs':
      return num('lines', t('cmd.lines'), 100, 10_000, '', 1000);
    default:
      return null;
  }
}

interface NumProps {
  label: string;
  value: number;
  least: number;
  most: number;
  unit: string;
  by: number;
  set(v: number): void;
}

function Num({ label, value, least, most, unit, by, set }: NumProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <InputNumber value={value} min={least} max={most} step={by} suffix={unit || undefined} onChange={(v) => set(v ?? value)} />
    </label>
  );
}
