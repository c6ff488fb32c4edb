package dev.workspaceoperator.app.command;

import dev.workspaceoperator.app.option.AuditOptions;
import dev.workspaceoperator.app.option.ConfigurationReader;
import dev.workspaceoperator.app.option.DatabaseOptions;
import dev.workspaceoperator.auth.ApiKey;
import dev.workspaceoperator.sql.Database;
import dev.workspaceoperator.sql.DatabaseSettings;
import dev.workspaceoperator.store.AuditChain;
import dev.workspaceoperator.store.DatabaseCheck;
import dev.workspaceoperator.store.PostgresApiKeys;
import dev.workspaceoperator.store.PostgresFleetApiKeys;
import dev.workspaceoperator.store.PostgresWorkspaceRegistry;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.Outcome;
import dev.workspaceoperator.workspace.Refusal;
import dev.workspaceoperator.workspace.Scope;
import dev.workspaceoperator.workspace.StoredWorkspace;
import dev.workspaceoperator.workspace.port.Actor;
import dev.workspaceoperator.workspace.port.ApiKeys;
import dev.workspaceoperator.workspace.port.Created;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code workspace-operator key}. */
@Command(
    name = "key",
    mixinStandardHelpOptions = true,
    description = "Makes, lists and revokes API keys.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {KeyCommand.Create.class, KeyListCommand.class, KeyRevokeCommand.class})
public final class KeyCommand extends CommandGroup {
  /** {@code workspace-operator key create}. */
  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = {
        "Makes an API key and prints it on standard output, once: only its hash is stored.",
        "Give either --workspace or --fleet."
      },
      footer = {
        "",
        "Scopes: workspace:read, workspace:write, workspace:override, kill-switch:write,"
            + " runs:write,"
            + " keys:write; with --fleet also fleet:read, fleet:write.",
        "",
        "Example: workspace-operator key create --workspace my-team --name ci --scopes runs:write"
      })
  static final class Create implements Callable<Integer> {
    private static final Duration LIFETIME_MAX = Duration.ofDays(36_500);
    private static final Actor ADMINISTRATOR = new Actor(CommandGroup.ACTOR, Optional.empty());
    private static final Pattern SCOPE = Pattern.compile("\\S+");

    @Spec private @Nullable CommandSpec spec;
    @Mixin private DatabaseOptions database = new DatabaseOptions();
    @Mixin private AuditOptions audit = new AuditOptions();

    @Option(names = "--workspace", paramLabel = "SLUG", description = "The key's workspace.")
    private @Nullable String slug;

    @Option(
        names = "--fleet",
        arity = "0..1",
        paramLabel = "true|false",
        defaultValue = "false",
        fallbackValue = "true",
        description = "Make a key of the whole installation, which belongs to no workspace.")
    private String fleet = "false";

    @Option(
        names = "--name",
        paramLabel = "NAME",
        description = "What the key is for; shown in lists and in the audit log. Required.")
    private @Nullable String name;

    @Option(
        names = "--scopes",
        paramLabel = "SCOPE,…",
        description = "What the key may do. Required.")
    private @Nullable String scopes;

    @Option(
        names = "--expires-in",
        paramLabel = "DURATION",
        description = "When it ends, from now, as ISO 8601: P90D, PT12H. Default: never.")
    private @Nullable String expiresIn;

    @Override
    public Integer call() {
      ConfigurationReader reader = ConfigurationReader.of(spec);
      DatabaseSettings settings = database.read(reader).forCommands();
      AuditChain auditChain = audit.read(reader);
      boolean isFleet = reader.bool("--fleet", fleet);
      if (isFleet == (slug != null)) {
        reader.mistake("Give either --workspace SLUG or --fleet.");
      }
      String keyName = reader.required("--name", name);
      if (keyName.codePointCount(0, keyName.length()) > Bounds.API_KEY_NAME_LENGTH_MAX) {
        reader.mistake(
            "--name must have at most %d characters.".formatted(Bounds.API_KEY_NAME_LENGTH_MAX));
      }
      Set<Scope> granted = scopes(reader, isFleet);
      Optional<Instant> expiresAt = expiry(reader);
      reader.finish();

      ApiKey key = ApiKey.generate(new SecureRandom());
      DatabaseCheck.require(settings);
      try (Database opened = Database.open(settings)) {
        UUID id =
            isFleet
                ? new PostgresFleetApiKeys(opened, auditChain)
                    .create(keyName, key.digest(), granted, expiresAt, ADMINISTRATOR)
                : createForWorkspace(opened, auditChain, keyName, key, granted, expiresAt);
        PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
        err.println("Made key \"%s\" (%s). It is shown once:".formatted(keyName, id));
        err.flush();
        Objects.requireNonNull(spec).commandLine().getOut().println(key.reveal());
      }
      return ExitCode.OK;
    }

    private UUID createForWorkspace(
        Database opened,
        AuditChain auditChain,
        String keyName,
        ApiKey key,
        Set<Scope> granted,
        Optional<Instant> expiresAt) {
      Outcome<Created<ApiKeys.KeyRecord>> outcome =
          new PostgresApiKeys(opened, auditChain)
              .create(
                  workspaceId(opened, auditChain),
                  keyName,
                  key.digest(),
                  granted,
                  expiresAt,
                  Optional.empty(),
                  ADMINISTRATOR);
      return switch (outcome) {
        case Outcome.Done<Created<ApiKeys.KeyRecord>>(Created<ApiKeys.KeyRecord> created) ->
            created.value().id();
        case Outcome.Refused<Created<ApiKeys.KeyRecord>>(Refusal refusal) ->
            throw new IllegalStateException(
                "The workspace \"%s\" can have no key: %s".formatted(slug, refusal));
      };
    }

    private UUID workspaceId(Database opened, AuditChain auditChain) {
      String wanted = Objects.requireNonNull(slug);
      return new PostgresWorkspaceRegistry(opened, auditChain)
          .findBySlug(wanted)
          .map(StoredWorkspace::id)
          .orElseThrow(() ->
              new IllegalStateException(
                  "No workspace holds the slug \"%s\". `workspace-operator workspace list` shows those there are."
                      .formatted(wanted)));
    }

    private Set<Scope> scopes(ConfigurationReader reader, boolean isFleet) {
      Set<Scope> granted = EnumSet.noneOf(Scope.class);
      if (scopes == null || scopes.isBlank()) {
        reader.mistake("--scopes is required: one or more of %s.".formatted(known(isFleet)));
        return granted;
      }
      for (String label : reader.list("--scopes", scopes, SCOPE, "a scope")) {
        Scope.ofLabel(label)
            .filter(scope -> isFleet || !scope.isFleet())
            .ifPresentOrElse(
                granted::add,
                () ->
                    reader.mistake(
                        "--scopes: \"%s\" is not one of %s.".formatted(label, known(isFleet))));
      }
      return granted;
    }

    private static String known(boolean isFleet) {
      return Scope.labels(scope -> isFleet || !scope.isFleet());
    }

    private Optional<Instant> expiry(ConfigurationReader reader) {
      if (expiresIn == null) {
        return Optional.empty();
      }
      try {
        Duration lifetime = Duration.parse(expiresIn);
        if (lifetime.isPositive() && lifetime.compareTo(LIFETIME_MAX) <= 0) {
          return Optional.of(Instant.now().plus(lifetime));
        }
      } catch (DateTimeException | ArithmeticException e) {
        // Reported below, with an example.
      }
      reader.mistake(
          "--expires-in must be a duration such as P90D or PT12H, above zero and at most %d days, not \"%s\"."
              .formatted(LIFETIME_MAX.toDays(), expiresIn));
      return Optional.empty();
    }
  }
}
