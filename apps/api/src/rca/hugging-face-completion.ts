import type { RcaConfig } from '@logbert/contracts';
import type { Complete } from '@logbert/root-cause';
import {
  InferenceClient,
  InferenceClientProviderApiError,
  PROVIDERS_OR_POLICIES,
} from '@huggingface/inference';
import { CompletionFailure, type CompletionReason } from './completion-failure';

type HuggingFaceConfig = NonNullable<RcaConfig['huggingFace']>;
type CompletionRequest = Parameters<Complete>[0];
type ChatArguments = Parameters<InferenceClient['chatCompletion']>[0];

/** Longest answer that is read; a server that never stops talking is cut off. */
const MAX_CHARACTERS = 200_000;
/** Refusals of a parameter that the server does not know; the next plainer request may be taken. */
const UNSUPPORTED: ReadonlySet<number> = new Set([400, 404, 415, 422, 500, 501]);

/** A language model of the Hugging Face hub or of an OpenAI-compatible endpoint. */
export class HuggingFaceCompletion {
  private readonly client: InferenceClient;

  constructor(private readonly config: HuggingFaceConfig) {
    this.client = new InferenceClient(config.token ?? undefined);
  }

  /**
   * The model's answer as text. Asked for JSON by schema first, then for any JSON, then only by the words
   * of the prompt, as far as the server understands.
   *
   * @throws CompletionFailure with the reason, also when the time is over
   */
  async complete({ messages, jsonSchema, signal }: CompletionRequest): Promise<string> {
    const deadline = AbortSignal.timeout(this.config.timeoutMs);
    const either = AbortSignal.any([signal, deadline]);
    const base = this.baseArguments(messages);
    const attempts: ChatArguments[] = [
      { ...base, response_format: schemaFormat(jsonSchema) },
      { ...base, response_format: { type: 'json_object' } },
      base,
    ];
    try {
      return await this.firstUnderstood(attempts, either);
    } catch (error) {
      throw deadline.aborted && !signal.aborted
        ? new CompletionFailure('timeout', `no answer within ${this.config.timeoutMs} ms`)
        : asFailure(error);
    }
  }

  private async firstUnderstood(
    attempts: readonly ChatArguments[],
    signal: AbortSignal,
  ): Promise<string> {
    let last: unknown;
    for (const attempt of attempts) {
      try {
        return await this.ask(attempt, signal);
      } catch (error) {
        if (signal.aborted || !isUnsupported(error)) throw error;
        last = error;
      }
    }
    throw last;
  }

  /** As a stream, so that silence and endless talk are noticed; whole from a server that cannot stream. */
  private async ask(chat: ChatArguments, signal: AbortSignal): Promise<string> {
    // The client's own retry asks again at once and for ever.
    const options = { signal, retry_on_error: false };
    let text = '';
    try {
      for await (const part of this.client.chatCompletionStream(chat, options)) {
        text += part.choices[0]?.delta.content ?? '';
        if (text.length > MAX_CHARACTERS) break;
      }
    } catch (error) {
      if (text !== '' || signal.aborted || !isNotStreaming(error)) throw error;
      const whole = await this.client.chatCompletion(chat, options);
      text = whole.choices[0]?.message.content ?? '';
    }
    if (text.trim() === '') throw new CompletionFailure('empty', 'the model answered with nothing');
    return text;
  }

  private baseArguments(messages: CompletionRequest['messages']): ChatArguments {
    const { model, endpointUrl, provider, maxTokens } = this.config;
    const known = PROVIDERS_OR_POLICIES.find((name) => name === provider);
    return {
      model,
      messages: messages.map(({ role, content }) => ({ role, content })),
      max_tokens: maxTokens,
      temperature: 0,
      ...(endpointUrl === null ? {} : { endpointUrl }),
      ...(known === undefined || endpointUrl !== null ? {} : { provider: known }),
    };
  }
}

function schemaFormat(schema: object): NonNullable<ChatArguments['response_format']> {
  return { type: 'json_schema', json_schema: { name: 'root_cause', schema: { ...schema } } };
}

function isUnsupported(error: unknown): boolean {
  return (
    error instanceof InferenceClientProviderApiError && UNSUPPORTED.has(error.httpResponse.status)
  );
}

function isNotStreaming(error: unknown): boolean {
  return (
    error instanceof InferenceClientProviderApiError &&
    error.httpResponse.status < 300 &&
    error.message.includes('event stream')
  );
}

/** Only the message goes on: the client's error holds the request with its token. */
function asFailure(error: unknown): CompletionFailure {
  if (error instanceof CompletionFailure) return error;
  if (error instanceof InferenceClientProviderApiError) {
    const { status } = error.httpResponse;
    return new CompletionFailure(reasonOf(status), `the server answered ${status}`);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new CompletionFailure('unreachable', message);
}

function reasonOf(status: number): CompletionReason {
  if (status === 401 || status === 403) return 'refused';
  if (status === 429) return 'rate-limit';
  return status >= 200 && status < 300 ? 'garbage' : 'http';
}
