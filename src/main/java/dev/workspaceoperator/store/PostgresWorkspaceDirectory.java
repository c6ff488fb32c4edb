package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.store.DirectoryReads.Found;
import dev.workspaceoperator.store.DirectoryReads.Question;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * To whom a credential belongs, asked of PostgreSQL each time: in two lines of two connections
 * each, so that nobody who is known waits for what strangers ask.
 */
public final class PostgresWorkspaceDirectory implements WorkspaceDirectory, AutoCloseable {
  /** Connections that it uses at the same time. */
  public static final int CONNECTIONS = 4;

  /** However many strangers ask, they cost at most a hundred queries a second. */
  private static final Duration STRANGERS_PAUSE = Duration.ofMillis(10);

  private static final int STRANGERS_MAX = 1_024;

  private final BatchedReads<Question, Found> known;
  private final BatchedReads<Question, Found> strangers;

  /**
   * Starts to answer.
   *
   * @param database for this alone: so nobody's requests can take its connections
   */
  public PostgresWorkspaceDirectory(Database database) {
    BatchedReads.Limits limits = BatchedReads.Limits.ofRequests(database);
    DirectoryReads reads = new DirectoryReads(database);
    this.known = new BatchedReads<>("sign-in-known", limits, reads::find);
    this.strangers =
        new BatchedReads<>(
            "sign-in-strangers", limits.with(STRANGERS_PAUSE, STRANGERS_MAX), reads::find);
  }

  @Override
  public Optional<KeyHolder> keyHolder(ApiKeyDigest digest, Line line) {
    return ask(new Question.OfKey(digest), line).flatMap(Found::holder);
  }

  @Override
  public Optional<UUID> withId(UUID workspaceId, Line line) {
    return ask(new Question.OfId(workspaceId), line).flatMap(Found::workspaceId);
  }

  @Override
  public Optional<UUID> withSlug(String slug, Line line) {
    return Bounds.DNS_LABEL.matcher(slug).matches()
        ? ask(new Question.OfSlug(slug), line).flatMap(Found::workspaceId)
        : Optional.empty();
  }

  @Override
  public List<Member> inNamespace(String cluster, String namespace, Line line) {
    return Bounds.DNS_LABEL.matcher(namespace).matches()
        ? ask(new Question.OfNamespace(cluster, namespace), line)
            .map(Found::members)
            .orElse(List.of())
        : List.of();
  }

  @Override
  public void close() {
    known.close();
    strangers.close();
  }

  private Optional<Found> ask(Question question, Line line) {
    return switch (line) {
      case KNOWN -> known.read(question);
      case STRANGERS -> strangers.read(question);
    };
  }
}
