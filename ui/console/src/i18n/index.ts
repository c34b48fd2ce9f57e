import i18next, { type TFunction } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en';
import { zh } from './zh';

export type Lang = 'zh' | 'en';

export function startWords(lang: Lang): void {
  void i18next.use(initReactI18next).init({
    resources: { zh: { translation: zh }, en: { translation: en } },
    lng: lang,
    fallbackLng: 'zh',
    keySeparator: '.',
    nsSeparator: false,
    interpolation: { escapeValue: false }, // React escapes
    initAsync: false,
  });
}

export function useLang(lang: Lang): void {
  if (i18next.language !== lang) void i18next.changeLanguage(lang);
  document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
}

export const locale = (lang: string): string => (lang === 'en' ? 'en-GB' : 'zh-CN');

// known translates a value of the core, or shows it as it came: a newer core may have words that this page does not know.
export function known(t: TFunction, group: string, value: string): string {
  const key = `${group}.${value}`;
  return value && i18next.exists(key) ? t(key) : value;
}

// languageName says in the agent's language which one a citizen speaks.
export function languageName(tag: string, lang: string): string {
  if (!tag) return '?';
  try {
    return new Intl.DisplayNames([locale(lang)], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
