export const fields: { name: string }[] = [];
