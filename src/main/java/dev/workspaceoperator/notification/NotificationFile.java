package dev.workspaceoperator.notification;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.workspaceoperator.network.Network;
import dev.workspaceoperator.workspace.Bounds;
import dev.workspaceoperator.workspace.NotificationKind;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The file that says who is told, in YAML or JSON: {@code {"receivers": [{"name": …, "url": …,
 * "keyFile": …, "types": […]}], "allowedNetworks": […], "workspaces": {"keys": [{"name": …,
 * "keyFile": …, "cluster": …, "namespaces": […]}], "allowedNetworks": […]}}}. Every mistake is told
 * at once.
 */
public final class NotificationFile {
  private static final long BYTES_MAX = 1024 * 1024;
  private static final String RECEIVERS = "receivers";
  private static final String ALLOWED_NETWORKS = "allowedNetworks";

  private static final String WORKSPACES = "workspaces";
  private static final String KEYS = "keys";
  private static final String NAMESPACES = "namespaces";
  private static final String CLUSTER_NAME = "default";
  private static final int RECEIVERS_MAX = 32;
  private static final int KEYS_MAX = 1_000;

  /** The first parts of the types that there are. */
  static final Set<String> KINDS =
      Arrays.stream(NotificationKind.values())
          .map(NotificationKind::label)
          .collect(Collectors.toCollection(TreeSet::new));

  private static final ObjectMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private final Consumer<String> mistakes;

  private NotificationFile(Consumer<String> mistakes) {
    this.mistakes = mistakes;
  }

  /**
   * Reads the file, and those of the keys.
   *
   * @param mistakes told each mistake: a sentence that says how to mend it; what is returned is of
   *     use only if it was told none
   */
  public static NotificationSettings read(Path file, Consumer<String> mistakes) {
    NotificationFile reading = of(file, mistakes);
    return reading.root(file).map(reading::read).orElse(NotificationSettings.NONE);
  }

  /** Reads of it what workspaces may name, and no key. */
  public static WorkspaceReceivers readRules(Path file, Consumer<String> mistakes) {
    NotificationFile reading = of(file, mistakes);
    return reading
        .root(file)
        .map(root -> reading.rules(root.path(WORKSPACES)))
        .orElse(WorkspaceReceivers.NONE);
  }

  private static NotificationFile of(Path file, Consumer<String> mistakes) {
    return new NotificationFile(sentence -> mistakes.accept(file + ": " + sentence));
  }

  private Optional<JsonNode> root(Path file) {
    try {
      if (Files.size(file) > BYTES_MAX) {
        mistakes.accept("the file is larger than 1 MiB. It should list receivers.");
        return Optional.empty();
      }
      JsonNode root = YAML.readTree(Files.readAllBytes(file));
      if (root.isObject() && root.path(RECEIVERS).isArray()) {
        refuseOthers("the file", root, Set.of(RECEIVERS, ALLOWED_NETWORKS, WORKSPACES));
        return Optional.of(root);
      }
      mistakes.accept("the file must be an object with a list \"receivers\".");
    } catch (JsonProcessingException e) {
      mistakes.accept("the file is neither YAML nor JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      mistakes.accept("the file cannot be read: " + e.getMessage());
    }
    return Optional.empty();
  }

  private NotificationSettings read(JsonNode root) {
    List<Receiver> receivers = new ArrayList<>();
    Set<String> names = new HashSet<>();
    int number = 0;
    for (JsonNode entry : root.path(RECEIVERS)) {
      String path = "%s[%d]".formatted(RECEIVERS, number++);
      Optional<Receiver> receiver = receiver(path, entry);
      receiver.ifPresent(receivers::add);
      if (!names.add(receiver.map(Receiver::name).orElse(path))) {
        mistakes.accept(
            "%s.name is that of another receiver. Choose another name.".formatted(path));
      }
    }
    if (number > RECEIVERS_MAX) {
      mistakes.accept("%s must be at most %d.".formatted(RECEIVERS, RECEIVERS_MAX));
    }
    return new NotificationSettings(
        receivers,
        networks(ALLOWED_NETWORKS, root.path(ALLOWED_NETWORKS)),
        rules(root.path(WORKSPACES)),
        keys(root.path(WORKSPACES)));
  }

  /** Who may name what; the files of the keys are not looked at. */
  private WorkspaceReceivers rules(JsonNode workspaces) {
    if (!workspaces.isMissingNode() && !workspaces.isObject()) {
      mistakes.accept(
          "%s must be an object with %s and %s.".formatted(WORKSPACES, KEYS, ALLOWED_NETWORKS));
    }
    refuseOthers(WORKSPACES, workspaces, Set.of(KEYS, ALLOWED_NETWORKS));
    JsonNode keys = workspaces.path(KEYS);
    if ((!keys.isMissingNode() && !keys.isArray()) || keys.size() > KEYS_MAX) {
      mistakes.accept(
          "%s.%s must be a list of at most %d keys.".formatted(WORKSPACES, KEYS, KEYS_MAX));
    }
    Map<String, KeyGrant> grants = new HashMap<>();
    int number = 0;
    for (JsonNode entry : keys) {
      String path = keyPath(number++);
      refuseOthers(path, entry, Set.of("name", "keyFile", "cluster", NAMESPACES));
      String name = entry.path("name").asText();
      requireName(path + ".name", name);
      Set<String> namespaces = new HashSet<>();
      for (JsonNode namespace : entry.path(NAMESPACES)) {
        requireName("%s.%s[%d]".formatted(path, NAMESPACES, namespaces.size()), namespace.asText());
        namespaces.add(namespace.asText());
      }
      if (!entry.path(NAMESPACES).isMissingNode() && !entry.path(NAMESPACES).isArray()) {
        mistakes.accept("%s.%s must be a list of names.".formatted(path, NAMESPACES));
      }
      if (entry.has("cluster")) {
        requireName(path + ".cluster", entry.path("cluster").asText());
      }
      KeyGrant grant = new KeyGrant(entry.path("cluster").asText(CLUSTER_NAME), namespaces);
      if (grants.put(name, grant) != null) {
        mistakes.accept("%s.name is that of another key. Choose another name.".formatted(path));
      }
    }
    return new WorkspaceReceivers(
        grants, networks(WORKSPACES + "." + ALLOWED_NETWORKS, workspaces.path(ALLOWED_NETWORKS)));
  }

  private Map<String, SigningKey> keys(JsonNode workspaces) {
    Map<String, SigningKey> keys = new HashMap<>();
    int number = 0;
    for (JsonNode entry : workspaces.path(KEYS)) {
      key(keyPath(number++), entry.path("keyFile").asText())
          .ifPresent(key -> keys.put(entry.path("name").asText(), key));
    }
    return keys;
  }

  private static String keyPath(int number) {
    return "%s.%s[%d]".formatted(WORKSPACES, KEYS, number);
  }

  private void requireName(String path, String name) {
    if (!Bounds.DNS_LABEL.matcher(name).matches()) {
      mistakes.accept(
          path + " must be 1 to 63 of a-z, 0-9 and -, with neither end a -, such as on-call.");
    }
  }

  private Optional<Receiver> receiver(String path, JsonNode entry) {
    refuseOthers(path, entry, Set.of("name", "url", "keyFile", "types"));
    String name = entry.path("name").asText();
    requireName(path + ".name", name);
    Optional<URI> url = url(entry.path("url").asText());
    if (url.isEmpty()) {
      mistakes.accept(path + ".url must be a URL such as https://hooks.example.com/workspaces.");
    }
    Optional<SigningKey> key = key(path, entry.path("keyFile").asText());
    Set<String> kinds = kinds(path, entry.path("types"));
    return url.isEmpty() || key.isEmpty()
        ? Optional.empty()
        : Optional.of(new Receiver(name, url.get(), key.get(), kinds));
  }

  private static Optional<URI> url(String text) {
    try {
      URI url = new URI(text);
      boolean good =
          ("https".equals(url.getScheme()) || "http".equals(url.getScheme()))
              && url.getHost() != null
              && url.getUserInfo() == null
              && url.getFragment() == null;
      return good ? Optional.of(url) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  private Optional<SigningKey> key(String path, String file) {
    try {
      Optional<SigningKey> key =
          file.isEmpty()
              ? Optional.empty()
              : SigningKey.of(Files.readString(Path.of(file)).strip());
      if (key.isPresent()) {
        return key;
      }
      mistakes.accept(
          "%s.keyFile must be a file with a key of %d to %d bytes, as text or as whsec_ and Base64. Make one with openssl rand -base64 32."
              .formatted(path, SigningKey.BYTES_MIN, SigningKey.BYTES_MAX));
    } catch (IOException | InvalidPathException e) {
      mistakes.accept("%s.keyFile cannot be read: %s".formatted(path, e.getMessage()));
    }
    return Optional.empty();
  }

  private Set<String> kinds(String path, JsonNode types) {
    if (types.isMissingNode()) {
      return KINDS;
    }
    Set<String> kinds = new LinkedHashSet<>();
    types.forEach(type -> kinds.add(type.asText()));
    if (kinds.isEmpty() || !KINDS.containsAll(kinds)) {
      mistakes.accept(
          "%s.types must be a list of some of %s; leave it out for all."
              .formatted(path, String.join(", ", KINDS)));
    }
    return kinds;
  }

  private List<Network> networks(String path, JsonNode list) {
    List<Network> networks = new ArrayList<>();
    if (!list.isMissingNode() && !list.isArray()) {
      mistakes.accept(path + " must be a list of networks such as 10.0.0.0/8.");
    }
    list.forEach(text ->
        Network.parse(text.asText(), mistake -> mistakes.accept(path + ": " + mistake))
            .ifPresent(networks::add));
    return networks;
  }

  private void refuseOthers(String path, JsonNode entry, Set<String> known) {
    entry
        .fieldNames()
        .forEachRemaining(name -> {
          if (!known.contains(name)) {
            mistakes.accept(
                "%s has %s, which is not known. Known are: %s."
                    .formatted(path, name, String.join(", ", new TreeSet<>(known))));
          }
        });
  }
}
