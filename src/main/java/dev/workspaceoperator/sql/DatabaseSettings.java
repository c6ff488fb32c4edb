package dev.workspaceoperator.sql;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How to reach PostgreSQL.
 *
 * @param url {@code postgresql://user:password@host:port/db} as psql takes it, or {@code
 *     jdbc:postgresql://…}
 * @param passwordFile a file with the password, which then wins over the one in the URL; read again
 *     for each new connection, so that a rotated secret is picked up
 * @param poolSize most connections of the pool
 * @param borrowTimeout how long a caller waits for a connection of the pool
 * @param connectTimeout how long a TCP connection may take
 * @param statementTimeout how long the server works on one statement
 * @param lockTimeout how long a statement waits for a lock
 * @param durability whether a crash may lose what was answered as done
 */
public record DatabaseSettings(
    String url,
    Optional<Path> passwordFile,
    int poolSize,
    Duration borrowTimeout,
    Duration connectTimeout,
    Duration statementTimeout,
    Duration lockTimeout,
    Durability durability) {

  /** Settings with the defaults: 16 connections; 3 s to get one, 2 s to connect, 10 s, 5 s. */
  public static DatabaseSettings of(String url) {
    return new DatabaseSettings(
        url,
        Optional.empty(),
        16,
        Duration.ofSeconds(3),
        Duration.ofSeconds(2),
        Duration.ofSeconds(10),
        Duration.ofSeconds(5),
        Durability.REQUIRED);
  }

  /**
   * The same for work that a request waits for: within twice this time it is done or told to have
   * failed, also when the database is gone.
   *
   * @param patience to get a connection, and again for a statement or a lock
   */
  public DatabaseSettings forRequests(Duration patience) {
    return new DatabaseSettings(
        url, passwordFile, poolSize, patience, patience, patience, patience, durability);
  }

  /**
   * The same for a command that a person waits for, on a machine that may be busy: 10 s to get a
   * connection, and to connect.
   */
  public DatabaseSettings forCommands() {
    Duration patience = Duration.ofSeconds(10);
    return new DatabaseSettings(
        url, passwordFile, poolSize, patience, patience, statementTimeout, lockTimeout, durability);
  }

  /**
   * The same for reading everything there is, however big: a statement may take a day, whatever
   * timeout the server itself has; a lock is waited for for a minute.
   */
  public DatabaseSettings forAudits() {
    return new DatabaseSettings(
        url,
        passwordFile,
        poolSize,
        borrowTimeout,
        connectTimeout,
        Duration.ofDays(1),
        Duration.ofMinutes(1),
        durability);
  }

  /** The same with the password read from a file. */
  public DatabaseSettings withPasswordFile(Path file) {
    return new DatabaseSettings(
        url,
        Optional.of(file),
        poolSize,
        borrowTimeout,
        connectTimeout,
        statementTimeout,
        lockTimeout,
        durability);
  }

  /** The same at another address. */
  public DatabaseSettings withUrl(String other) {
    return new DatabaseSettings(
        other,
        passwordFile,
        poolSize,
        borrowTimeout,
        connectTimeout,
        statementTimeout,
        lockTimeout,
        durability);
  }

  /** The same, a crash of PostgreSQL left to its own settings. */
  public DatabaseSettings withDurabilityAsConfigured() {
    return new DatabaseSettings(
        url,
        passwordFile,
        poolSize,
        borrowTimeout,
        connectTimeout,
        statementTimeout,
        lockTimeout,
        Durability.AS_CONFIGURED);
  }

  /** The same with another size of the pool. */
  public DatabaseSettings withPoolSize(int connections) {
    return new DatabaseSettings(
        url,
        passwordFile,
        connections,
        borrowTimeout,
        connectTimeout,
        statementTimeout,
        lockTimeout,
        durability);
  }

  /** The same with another time that the server works on one statement. */
  public DatabaseSettings withStatementTimeout(Duration timeout) {
    return new DatabaseSettings(
        url,
        passwordFile,
        poolSize,
        borrowTimeout,
        connectTimeout,
        timeout,
        lockTimeout,
        durability);
  }

  /** The same with another time that a statement waits for a lock. */
  public DatabaseSettings withLockTimeout(Duration timeout) {
    return new DatabaseSettings(
        url,
        passwordFile,
        poolSize,
        borrowTimeout,
        connectTimeout,
        statementTimeout,
        timeout,
        durability);
  }

  /** Without the URL, which can hold a password. */
  @Override
  public String toString() {
    return "DatabaseSettings[%s, poolSize=%d]".formatted(DatabaseUrl.parse(url), poolSize);
  }
}
