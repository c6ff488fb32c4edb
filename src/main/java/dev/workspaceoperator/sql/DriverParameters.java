package dev.workspaceoperator.sql;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.postgresql.PGProperty;

/**
 * The parameters of an address as pgjdbc takes them. Addresses are printed for libpq, the library
 * of psql and of most languages (PostgreSQL manual, "Parameter Key Words"), so its names mean here
 * what they mean there, or are refused by name: one that is passed over may be the one that
 * mattered.
 */
final class DriverParameters {
  /** libpq's names that pgjdbc spells differently, with the same values. */
  private static final Map<String, PGProperty> SPELLED_DIFFERENTLY =
      Map.of(
          "application_name", PGProperty.APPLICATION_NAME,
          "connect_timeout", PGProperty.CONNECT_TIMEOUT,
          "channel_binding", PGProperty.CHANNEL_BINDING,
          "gssencmode", PGProperty.GSS_ENC_MODE,
          "krbsrvname", PGProperty.KERBEROS_SERVER_NAME,
          "require_auth", PGProperty.REQUIRE_AUTH,
          "sslnegotiation", PGProperty.SSL_NEGOTIATION);

  private static final String LEAVE_OUT_TIMES =
      "the driver has none like it: leave it out, a connection that is dead is told by the"
          + " program's own timeouts";
  private static final String SERVER_BOUNDS_TLS =
      "the driver has none like it: leave it out, and set ssl_min_protocol_version of PostgreSQL";
  private static final String SCHEMA = "the tables are in the schema public: leave it out";
  private static final String OURS =
      "what is right depends on how the driver is used here: leave it out";

  /** What others mean that has to be said in a different way here: name, and how to say it. */
  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry(
              "host", "write scheme://user@host:port/database; sockets of Unix cannot be used"),
          Map.entry("hostaddr", "write the address as the host"),
          Map.entry("port", "write scheme://user@host:port/database"),
          Map.entry("dbname", "write scheme://user@host:port/database"),
          Map.entry("passfile", "give the password by --database-password-file"),
          Map.entry("service", "write out what the service file says"),
          Map.entry("servicefile", "write out what the service file says"),
          Map.entry("keepalives_idle", LEAVE_OUT_TIMES),
          Map.entry("keepalives_interval", LEAVE_OUT_TIMES),
          Map.entry("keepalives_count", LEAVE_OUT_TIMES),
          Map.entry("tcp_user_timeout", LEAVE_OUT_TIMES),
          Map.entry("sslcrl", "revocation lists are not read: leave it out"),
          Map.entry("sslcrldir", "revocation lists are not read: leave it out"),
          Map.entry("sslcertmode", "leave it out: a certificate is sent where sslcert is given"),
          Map.entry("requiressl", "write sslmode=require"),
          Map.entry("requirepeer", "it is of sockets of Unix alone: leave it out"),
          Map.entry("ssl_min_protocol_version", SERVER_BOUNDS_TLS),
          Map.entry("ssl_max_protocol_version", SERVER_BOUNDS_TLS),
          Map.entry("min_protocol_version", "leave it out"),
          Map.entry("max_protocol_version", "leave it out"),
          Map.entry("sslkeylogfile", "leave it out"),
          Map.entry("gssdelegation", "credentials are not delegated: leave it out"),
          Map.entry("scram_client_key", "give the password"),
          Map.entry("scram_server_key", "give the password"),
          Map.entry("schema", SCHEMA),
          Map.entry("connection_limit", "set --database-pool-size"),
          Map.entry("pool_timeout", "leave it out"),
          Map.entry("pool_mode", "leave it out: a pooler is noticed"),
          Map.entry("statement_cache_size", "leave it out: a pooler is noticed"),
          Map.entry("sslaccept", "write sslmode=verify-full, or sslmode=require"),
          Map.entry("uselibpqcompat", "leave it out: sslmode means what it means to psql"),
          Map.entry("replication", OURS),
          Map.entry("readOnly", OURS),
          Map.entry("readOnlyMode", OURS),
          Map.entry("autosave", OURS),
          Map.entry("preferQueryMode", OURS),
          Map.entry("stringtype", OURS),
          Map.entry("escapeSyntaxCallMode", OURS),
          Map.entry("convertBooleanToNumeric", OURS),
          Map.entry("allowEncodingChanges", OURS),
          Map.entry("PGHOST", "write scheme://user@host:port/database"),
          Map.entry("PGPORT", "write scheme://user@host:port/database"),
          Map.entry("PGDBNAME", "write scheme://user@host:port/database"));

  /** What libpq's target_session_attrs is called by pgjdbc; what is read here is also written. */
  private static final Map<String, String> TARGETS =
      Map.of("any", "any", "read-write", "primary", "primary", "primary");

  private static final Map<String, String> SWITCHES = Map.of("1", "true", "0", "false");
  private static final Map<String, String> BALANCES = Map.of("disable", "false", "random", "true");

  /** What says nothing that is not so here already. */
  private static final Map<String, Set<String>> WITHOUT_EFFECT =
      Map.of(
          "client_encoding", Set.of("utf8", "utf-8", "auto"),
          "sslsni", Set.of("1"),
          "sslcompression", Set.of("0"),
          "pgbouncer", Set.of("true", "false"));

  private static final Set<String> IGNORED_NAMES = Set.of("fallback_application_name");
  private static final Set<String> TRUE_OR_FALSE = Set.of("true", "false");
  private static final Pattern NUMBER = Pattern.compile("-?\\d{1,9}");
  private static final Pattern PRINTABLE = Pattern.compile("[A-Za-z_]+");

  private final DatabaseUrl url;
  private final Map<String, String> driver = new TreeMap<>();

  private DriverParameters(DatabaseUrl url) {
    this.url = url;
  }

  /**
   * The address's parameters, under pgjdbc's names.
   *
   * @throws IllegalArgumentException if one is not understood; the message names it, and how to
   *     mend it, and never repeats its value
   */
  static Map<String, String> of(DatabaseUrl url) {
    DriverParameters parameters = new DriverParameters(url);
    url.parameters().forEach(parameters::add);
    parameters.reconcile();
    return parameters.driver;
  }

  private void add(String name, String value) {
    if (REFUSED.containsKey(name)) {
      throw new IllegalArgumentException(
          "%s in the database URL is not taken here: %s".formatted(name, REFUSED.get(name)));
    }
    if (IGNORED_NAMES.contains(name)) {
      return;
    }
    if (WITHOUT_EFFECT.containsKey(name)) {
      require(name, value.toLowerCase(Locale.ROOT), WITHOUT_EFFECT.get(name));
      return;
    }
    switch (name) {
      case "target_session_attrs" ->
          put(PGProperty.TARGET_SERVER_TYPE, translated(name, value, TARGETS));
      case "keepalives" -> put(PGProperty.TCP_KEEP_ALIVE, translated(name, value, SWITCHES));
      case "load_balance_hosts" ->
          put(PGProperty.LOAD_BALANCE_HOSTS, translated(name, value, BALANCES));
      case "currentSchema" -> requireThat("public".equals(value), name, SCHEMA);
      case "targetServerType" -> {
        requireThat(
            Set.of("any", "primary", "master").contains(value.toLowerCase(Locale.ROOT)),
            name,
            "the operator writes: it must be any or primary");
        put(PGProperty.TARGET_SERVER_TYPE, value);
      }
      default -> addProperty(name, value);
    }
  }

  private void addProperty(String name, String value) {
    PGProperty property =
        Optional.ofNullable(SPELLED_DIFFERENTLY.get(name))
            .or(() -> Optional.ofNullable(PGProperty.forName(name)))
            .orElseThrow(() -> unknown(name));
    String[] choices = property.getChoices();
    Optional<String> usual = Optional.ofNullable(property.getDefaultValue());
    if (choices != null && property != PGProperty.REQUIRE_AUTH) {
      require(name, value.toLowerCase(Locale.ROOT), choices);
    } else if (usual.filter(NUMBER.asMatchPredicate()).isPresent()) {
      requireThat(NUMBER.matcher(value).matches(), name, "it must be a whole number");
    } else if (usual.filter(TRUE_OR_FALSE::contains).isPresent()) {
      require(name, value.toLowerCase(Locale.ROOT), "true", "false");
    }
    put(property, value);
  }

  /** What two parameters say together, as libpq has it. */
  private void reconcile() {
    String rootCertificate = PGProperty.SSL_ROOT_CERT.getName();
    String mode = PGProperty.SSL_MODE.getName();
    if ("system".equals(driver.get(rootCertificate))) {
      requireThat(
          driver.getOrDefault(mode, "verify-full").equalsIgnoreCase("verify-full"),
          "sslrootcert=system",
          "it demands sslmode=verify-full");
      driver.remove(rootCertificate);
      put(PGProperty.SSL_MODE, "verify-full");
      put(PGProperty.SSL_FACTORY, EndingSystemTls.class.getName());
    } else if (driver.containsKey(rootCertificate)
        && "require".equalsIgnoreCase(driver.get(mode))) {
      put(PGProperty.SSL_MODE, "verify-ca");
    }
    if (url.hosts().contains(",")) {
      // The operator writes, and one of several hosts is the primary.
      driver.putIfAbsent(PGProperty.TARGET_SERVER_TYPE.getName(), "primary");
    }
  }

  private void put(PGProperty property, String value) {
    driver.put(property.getName(), value);
  }

  private static String translated(String name, String value, Map<String, String> values) {
    require(name, value, values.keySet());
    return values.getOrDefault(value, value);
  }

  private static void require(String name, String value, Set<String> choices) {
    require(name, value, choices.stream().sorted().toArray(String[]::new));
  }

  private static void require(String name, String value, String... choices) {
    requireThat(
        Arrays.asList(choices).contains(value),
        name,
        (choices.length == 1 ? "it must be " : "it must be one of ")
            + Arrays.stream(choices).collect(joining(", ")));
  }

  private static void requireThat(boolean holds, String name, String mend) {
    if (!holds) {
      throw new IllegalArgumentException("%s in the database URL: %s".formatted(name, mend));
    }
  }

  /** With its name, unless that may be a piece of a password. */
  private IllegalArgumentException unknown(String name) {
    boolean isPrinted = !url.hidesParameters() && PRINTABLE.matcher(name).matches();
    return new IllegalArgumentException(
        "the database URL has a parameter that neither PostgreSQL nor pgjdbc knows"
            + (isPrinted
                ? ", %s: mend its spelling or leave it out".formatted(name)
                : "; in a password write %26 for an ampersand"));
  }
}
