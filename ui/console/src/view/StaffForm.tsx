import { Button, Checkbox, Input } from 'antd';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '../api/http';
import { type Account, add, change, type Change, minPassword, remove, roles } from '../api/staff';
import { useWhy } from './context';

interface Props {
  account: Account | undefined; // undefined: a new one
  me: string;
  done(): void;
  cancel(): void;
}

// StaffForm makes an account or changes one. Only what was changed is sent.
export function StaffForm({ account, me, done, cancel }: Props) {
  const { t } = useTranslation();
  const why = useStaffWhy();
  const [user, setUser] = useState('');
  const [chosen, setChosen] = useState<string[]>(account?.roles ?? ['agent']);
  const [langs, setLangs] = useState((account?.langs ?? ['zh', 'en']).join(', '));
  const [password, setPassword] = useState('');
  const [disabled, setDisabled] = useState(account?.disabled ?? false);
  const [sure, setSure] = useState(false);
  const [trouble, setTrouble] = useState('');
  const [busy, setBusy] = useState(false);
  const run = async (f: () => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setTrouble('');
    try {
      await f();
      done();
    } catch (e) {
      setTrouble(why(e));
    } finally {
      setBusy(false);
    }
  };
  const tags = split(langs);
  const submit = (e: FormEvent): void => {
    e.preventDefault();
    if (!account) return void run(() => add({ user: user.trim(), password, roles: chosen, langs: tags }));
    const c: Change = {};
    if (!same(chosen, account.roles)) c.roles = chosen;
    if (!same(tags, account.langs)) c.langs = tags;
    if (password) c.password = password;
    if (disabled !== account.disabled) c.disabled = disabled;
    if (Object.keys(c).length === 0) return cancel();
    void run(() => change(account.user, c));
  };
  return (
    <form className="staff-form" onSubmit={submit}>
      {!account && (
        <label>
          <span>{t('staff.user')}</span>
          <Input data-first value={user} maxLength={64} autoComplete="off" spellCheck={false} onChange={(e) => setUser(e.target.value)} />
          <small>{t('staff.userHint')}</small>
        </label>
      )}
      <fieldset>
        <legend>{t('staff.roles')}</legend>
        <Checkbox.Group
          value={chosen}
          onChange={(v) => setChosen(roles.filter((r) => v.includes(r)))}
          options={roles.map((value) => ({ value, label: t(`staff.role.${value}`) }))}
        />
      </fieldset>
      <label>
        <span>{t('staff.langs')}</span>
        <Input value={langs} maxLength={60} autoComplete="off" spellCheck={false} onChange={(e) => setLangs(e.target.value)} />
        <small>{t('staff.langsHint')}</small>
      </label>
      <label>
        <span>{t(account ? 'staff.newPassword' : 'signIn.password')}</span>
        <Input.Password value={password} maxLength={256} autoComplete="new-password" onChange={(e) => setPassword(e.target.value)} />
        <small>{t(account ? 'staff.newPasswordHint' : 'staff.passwordHint', { n: minPassword })}</small>
      </label>
      {account && account.user !== me && (
        <Checkbox checked={disabled} onChange={(e) => setDisabled(e.target.checked)}>
          {t('staff.disable')}
        </Checkbox>
      )}
      <p className="signin-trouble" role="alert">
        {trouble}
      </p>
      <div className="staff-buttons">
        {account && account.user !== me && (
          <Button danger disabled={busy} onClick={() => (sure ? void run(() => remove(account.user)) : setSure(true))}>
            {t(sure ? 'staff.removeSure' : 'staff.remove')}
          </Button>
        )}
        <Button onClick={cancel}>{t('staff.cancel')}</Button>
        <Button type="primary" htmlType="submit" loading={busy} disabled={chosen.length === 0 || (!account && (!user.trim() || password.length < minPassword))}>
          {t(account ? 'staff.save' : 'staff.add')}
        </Button>
      </div>
    </form>
  );
}

const split = (text: string): string[] => [...new Set(text.toLowerCase().split(/[\s,，、]+/).filter(Boolean))];
const same = (a: string[], b: string[]): boolean => a.length === b.length && a.every((x, i) => x === b[i]);

// useStaffWhy puts what the core refuses into the administrator's words.
function useStaffWhy(): (e: unknown) => string {
  const { t, i18n } = useTranslation();
  const why = useWhy();
  return (e) => {
    if (e instanceof ApiError) {
      const key = `staff.trouble.${e.kind}${e.field ? `_${e.field}` : ''}`;
      if (i18n.exists(key)) return t(key, { n: minPassword });
    }
    return why(e);
  };
}
