package dev.workspaceoperator.store;

import dev.workspaceoperator.workspace.ApiKeyDigest;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.WorkspaceDirectory;
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

/** To whom a credential belongs, asked of PostgreSQL each time. */
public final class PostgresWorkspaceDirectory implements WorkspaceDirectory, AutoCloseable {
  private static final Sql KEY_HOLDERS = Sql.load("directory/keyHolders");
  private static final Sql WITH_ID = Sql.load("directory/withId");
  private static final Sql WITH_SLUG = Sql.load("directory/withSlug");
  private static final Sql IN_NAMESPACE = Sql.load("directory/inNamespace");

  private final Database database;
  private final BatchedReads<ApiKeyDigest, KeyHolder> keyHolders;

  public PostgresWorkspaceDirectory(Database database) {
    this.database = database;
    this.keyHolders =
        new BatchedReads<>(
            "key-holders", BatchedReads.Limits.ofRequests(database), this::holdersOf);
  }

  /**
   * {@inheritDoc}
   *
   * @throws dev.workspaceoperator.workspace.OverloadedException if too many ask at once
   */
  @Override
  public Optional<KeyHolder> keyHolder(ApiKeyDigest digest) {
    return keyHolders.read(digest);
  }

  @Override
  public Optional<UUID> withId(UUID workspaceId) {
    return database.read(connection -> {
      try (Call call = Call.of(connection, WITH_ID)) {
        return id(call.uuid("workspace_id", workspaceId).run().nextRows());
      }
    });
  }

  @Override
  public Optional<UUID> withSlug(String slug) {
    if (!Bounds.DNS_LABEL.matcher(slug).matches()) {
      return Optional.empty();
    }
    return database.read(connection -> {
      try (Call call = Call.of(connection, WITH_SLUG)) {
        return id(call.text("slug", slug).run().nextRows());
      }
    });
  }

  @Override
  public List<Member> inNamespace(String cluster, String namespace) {
    if (!Bounds.DNS_LABEL.matcher(namespace).matches()) {
      return List.of();
    }
    return database.read(connection -> {
      try (Call call = Call.of(connection, IN_NAMESPACE)) {
        ResultSet row = call.text("cluster", cluster).text("namespace", namespace).run().nextRows();
        List<Member> members = new ArrayList<>();
        while (row.next()) {
          members.add(
              new Member(
                  row.getString("slug"),
                  Objects.requireNonNull(row.getObject("workspace_id", UUID.class))));
        }
        return members;
      }
    });
  }

  @Override
  public void close() {
    keyHolders.close();
  }

  private Map<ApiKeyDigest, KeyHolder> holdersOf(List<ApiKeyDigest> digests) {
    return database.read(connection -> {
      try (Call call = Call.of(connection, KEY_HOLDERS)) {
        call.byteStrings(
            "digests", digests.stream().map(it -> HexFormat.of().parseHex(it.hex())).toList());
        ResultSet row = call.run().nextRows();
        Map<ApiKeyDigest, KeyHolder> holders = new HashMap<>();
        while (row.next()) {
          holders.put(new ApiKeyDigest(row.getString("digest")), holder(row));
        }
        return holders;
      }
    });
  }

  private static KeyHolder holder(ResultSet row) throws SQLException {
    return new KeyHolder(
        Objects.requireNonNull(row.getObject("key_id", UUID.class)),
        row.getString("name"),
        Optional.ofNullable(row.getObject("workspace_id", UUID.class)),
        KeyRows.scopes(row),
        WorkspaceRows.time(row, "expires_at"));
  }

  private static Optional<UUID> id(ResultSet row) throws SQLException {
    return row.next()
        ? Optional.ofNullable(row.getObject("workspace_id", UUID.class))
        : Optional.empty();
  }
}
