/** A machine's token in the address, after the #: browsers send that part to nobody, and no server logs it. */
export const tokenOfAddress = (): string => new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
