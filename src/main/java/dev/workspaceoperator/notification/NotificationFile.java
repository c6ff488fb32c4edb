package dev.workspaceoperator.notification;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.workspaceoperator.network.Network;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * The file that says who is told, in YAML or JSON: {@code {"receivers": [{"name": …, "url": …,
 * "keyFile": …, "types": […]}], "allowedNetworks": […]}}. Every mistake is told at once.
 */
public final class NotificationFile {
  private static final long BYTES_MAX = 1024 * 1024;
  private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");
  private static final String RECEIVERS = "receivers";
  private static final String ALLOWED_NETWORKS = "allowedNetworks";

  /** The first parts of the types that there are. */
  static final Set<String> KINDS =
      new TreeSet<>(Set.of("kill-switch", "budget", "override", "plan"));

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
    Consumer<String> ofThisFile = sentence -> mistakes.accept(file + ": " + sentence);
    try {
      if (Files.size(file) > BYTES_MAX) {
        ofThisFile.accept("the file is larger than 1 MiB. It should list receivers.");
        return NotificationSettings.NONE;
      }
      return new NotificationFile(ofThisFile).read(YAML.readTree(Files.readAllBytes(file)));
    } catch (JsonProcessingException e) {
      ofThisFile.accept("the file is neither YAML nor JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      ofThisFile.accept("the file cannot be read: " + e.getMessage());
    }
    return NotificationSettings.NONE;
  }

  private NotificationSettings read(JsonNode root) {
    if (!root.isObject() || !root.path(RECEIVERS).isArray()) {
      mistakes.accept("the file must be an object with a list \"receivers\".");
      return NotificationSettings.NONE;
    }
    refuseOthers("the file", root, Set.of(RECEIVERS, ALLOWED_NETWORKS));
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
    return new NotificationSettings(receivers, networks(root.path(ALLOWED_NETWORKS)));
  }

  private Optional<Receiver> receiver(String path, JsonNode entry) {
    refuseOthers(path, entry, Set.of("name", "url", "keyFile", "types"));
    String name = entry.path("name").asText();
    if (!NAME.matcher(name).matches()) {
      mistakes.accept(
          path + ".name must be 1 to 63 of a-z, 0-9 and -, with neither end a -, such as on-call.");
    }
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

  private List<Network> networks(JsonNode list) {
    List<Network> networks = new ArrayList<>();
    if (!list.isMissingNode() && !list.isArray()) {
      mistakes.accept(ALLOWED_NETWORKS + " must be a list of networks such as 10.0.0.0/8.");
    }
    list.forEach(text ->
        Network.parse(text.asText(), mistake -> mistakes.accept(ALLOWED_NETWORKS + ": " + mistake))
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
