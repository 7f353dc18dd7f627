import type { AnswerPermission, Permission } from '../contracts/permission.ts';
import { unreachable } from './problem-error.ts';

interface PendingAnswer {
  readonly frame: string;
  isSent: boolean;
  readonly resolve: (permission: Permission) => void;
  readonly reject: (error: Error) => void;
}

/** Answers to permissions that have not been acknowledged yet. */
export class SocketAnswers {
  readonly #url: string;
  readonly #send: (frame: string) => boolean;
  readonly #pending = new Map<string, PendingAnswer>();
  #lastId = 0;

  /** `send` is false where there is no connection. */
  constructor(url: string, send: (frame: string) => boolean) {
    this.#url = url;
    this.#send = send;
  }

  add(permissionId: string, answer: AnswerPermission): Promise<Permission> {
    const id = `answer ${(this.#lastId += 1)}`;
    const frame = JSON.stringify({ type: 'answer', id, permissionId, answer });
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { frame, isSent: false, resolve, reject });
      this.send();
    });
  }

  /** Sends what waits for a connection. */
  send(): void {
    for (const answer of this.#pending.values()) if (!answer.isSent) answer.isSent = this.#send(answer.frame);
  }

  resolve(id: string | undefined, permission: Permission): void {
    this.#take(id)?.resolve(permission);
  }

  /** Where the id is one of an answer. */
  refuse(id: string | undefined, error: Error): void {
    this.#take(id)?.reject(error);
  }

  /** The connection is lost: of what was sent nobody knows whether it arrived. */
  lose(): void {
    for (const [id, { isSent }] of this.#pending) if (isSent) this.refuse(id, unreachable(this.#url));
  }

  end(error: Error = unreachable(this.#url)): void {
    for (const id of this.#pending.keys()) this.refuse(id, error);
  }

  #take(id = ''): PendingAnswer | undefined {
    const answer = this.#pending.get(id);
    this.#pending.delete(id);
    return answer;
  }
}
