package dev.workspaceoperator.store;

import dev.workspaceoperator.sql.Column;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.NamedStatement;
import dev.workspaceoperator.sql.Sql;
import dev.workspaceoperator.sql.WorkspaceRows;
import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory.KeyHolder;
import dev.workspaceoperator.workspace.port.WorkspaceDirectory.Member;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** Answers many questions of sign-ins on one connection, with one statement for each kind. */
final class DirectoryReads {
  private static final Sql KEY_HOLDERS = Sql.load("directory/keyHolders");
  private static final Sql WITH_IDS = Sql.load("directory/withIds");
  private static final Sql WITH_SLUGS = Sql.load("directory/withSlugs");
  private static final Sql IN_NAMESPACES = Sql.load("directory/inNamespaces");

  private final Database database;

  DirectoryReads(Database database) {
    this.database = database;
  }

  /** What is asked. */
  sealed interface Question {
    /** Whose key is this? */
    record OfKey(ApiKeyDigest digest) implements Question {}

    /** Is there such a workspace? */
    record OfId(UUID workspaceId) implements Question {}

    /** Which workspace holds this slug? */
    record OfSlug(String slug) implements Question {}

    /** Which workspaces are there? */
    record OfNamespace(String cluster, String namespace) implements Question {}
  }

  /** What was found: of a key its holder, of a namespace its members, else a workspace. */
  record Found(Optional<KeyHolder> holder, Optional<UUID> workspaceId, List<Member> members) {
    static Found of(KeyHolder holder) {
      return new Found(Optional.of(holder), Optional.empty(), List.of());
    }

    static Found of(UUID workspaceId) {
      return new Found(Optional.empty(), Optional.of(workspaceId), List.of());
    }

    static Found of(List<Member> members) {
      return new Found(Optional.empty(), Optional.empty(), members);
    }
  }

  /** The answers; a question without one is not among them. */
  Map<Question, Found> find(List<Question> questions) {
    return database.read(connection -> {
      Map<Question, Found> found = new HashMap<>();
      findHolders(connection, of(Question.OfKey.class, questions), found);
      findIds(connection, of(Question.OfId.class, questions), found);
      findSlugs(connection, of(Question.OfSlug.class, questions), found);
      findMembers(connection, of(Question.OfNamespace.class, questions), found);
      return found;
    });
  }

  private static <Q extends Question> List<Q> of(Class<Q> kind, List<Question> questions) {
    return questions.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  private static void findHolders(
      Connection connection, List<Question.OfKey> asked, Map<Question, Found> found)
      throws SQLException {
    if (asked.isEmpty()) {
      return;
    }
    try (NamedStatement statement = NamedStatement.of(connection, KEY_HOLDERS)) {
      statement.byteStrings(
          "digests", asked.stream().map(it -> HexFormat.of().parseHex(it.digest().hex())).toList());
      ResultSet row = statement.run().nextRows();
      while (row.next()) {
        found.put(
            new Question.OfKey(new ApiKeyDigest(row.getString("digest"))), Found.of(holder(row)));
      }
    }
  }

  private static void findIds(
      Connection connection, List<Question.OfId> asked, Map<Question, Found> found)
      throws SQLException {
    if (asked.isEmpty()) {
      return;
    }
    Column.Uuids ids = new Column.Uuids();
    asked.forEach(it -> ids.add(it.workspaceId()));
    try (NamedStatement statement = NamedStatement.of(connection, WITH_IDS)) {
      ResultSet row = statement.column("workspace_ids", ids).run().nextRows();
      while (row.next()) {
        UUID id = workspaceId(row);
        found.put(new Question.OfId(id), Found.of(id));
      }
    }
  }

  private static void findSlugs(
      Connection connection, List<Question.OfSlug> asked, Map<Question, Found> found)
      throws SQLException {
    if (asked.isEmpty()) {
      return;
    }
    try (NamedStatement statement = NamedStatement.of(connection, WITH_SLUGS)) {
      ResultSet row =
          statement
              .texts("slugs", asked.stream().map(Question.OfSlug::slug).toList())
              .run()
              .nextRows();
      while (row.next()) {
        found.put(new Question.OfSlug(row.getString("slug")), Found.of(workspaceId(row)));
      }
    }
  }

  private static void findMembers(
      Connection connection, List<Question.OfNamespace> asked, Map<Question, Found> found)
      throws SQLException {
    if (asked.isEmpty()) {
      return;
    }
    Map<Question, List<Member>> members = new HashMap<>();
    try (NamedStatement statement = NamedStatement.of(connection, IN_NAMESPACES)) {
      ResultSet row =
          statement
              .texts("clusters", asked.stream().map(Question.OfNamespace::cluster).toList())
              .texts("namespaces", asked.stream().map(Question.OfNamespace::namespace).toList())
              .run()
              .nextRows();
      while (row.next()) {
        members
            .computeIfAbsent(
                new Question.OfNamespace(row.getString("cluster"), row.getString("namespace")),
                _ -> new ArrayList<>())
            .add(new Member(row.getString("slug"), workspaceId(row)));
      }
    }
    members.forEach((namespace, those) -> found.put(namespace, Found.of(those)));
  }

  private static KeyHolder holder(ResultSet row) throws SQLException {
    return new KeyHolder(
        Objects.requireNonNull(row.getObject("key_id", UUID.class)),
        row.getString("name"),
        Optional.ofNullable(row.getObject("workspace_id", UUID.class)),
        KeyRows.scopes(row),
        WorkspaceRows.time(row, "expires_at"));
  }

  private static UUID workspaceId(ResultSet row) throws SQLException {
    return Objects.requireNonNull(row.getObject("workspace_id", UUID.class));
  }
}
