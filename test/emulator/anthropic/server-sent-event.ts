/** One event on the wire, named after its payload's type. */
export function serverSentEvent(data: { readonly type: string }): string {
  return `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
}
