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

// A district is kept under its Chinese name, as the booths' configuration has it; who reads English reads it in English.
const slugs = new Map(Object.entries(zh.district).map(([slug, name]) => [name, slug]));

export function districtName(t: TFunction, value: string): string {
  const slug = slugs.get(value.replace(/(新区|区)$/, ''));
  return slug ? t(`district.${slug}`) : value;
}

export const districtNames = (): string[] => Object.values(zh.district);

// actorName says who it was: an account by its name, whatever door it came through, and the fleet itself.
export function actorName(t: TFunction, actor: string): string {
  return actor === 'fleet' ? t('audit.system') : actor.replace(/^desk:/, '');
}

// known translates a value of the fleet, or shows it as it came: a newer one may have words that this page does not know. A dot in the
// value is not a step in the tree of words.
export function known(t: TFunction, group: string, value: string): string {
  const key = `${group}.${value.replaceAll('.', '_')}`;
  return value && i18next.exists(key) ? t(key) : value;
}
