export type Settings = Readonly<Record<string, string | number>>;

/**
 * How the embedded server runs. It listens on the loopback address alone and opens no socket in the file system.
 * Its log says that a statement failed, never which values it held: those would be digests and e-mail addresses.
 */
export function serverSettings(port: number): Settings {
  return {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    log_statement: 'none',
    log_min_duration_statement: -1,
  };
}

export function asArguments(settings: Settings): string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
